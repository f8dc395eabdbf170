// A model like anywidget's, without a kernel; what the widget sends to Python is in model.sent.
globalThis.putOnPage = async (code, state, data) => {
  const module = await import(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
  const listeners = {},
    changed = {};
  const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
  state._data = new DataView(bytes.buffer);
  const model = {
    sent: [],
    get: name => state[name],
    set(name, value) {
      const isSame =
        value instanceof DataView ? state[name] === value : JSON.stringify(state[name]) === JSON.stringify(value);
      if (isSame) return;
      state[name] = changed[name] = value;
      for (const listener of listeners[`change:${name}`] ?? []) listener();
    },
    save_changes() {
      if (Object.keys(changed).length) model.sent.push({ ...changed });
      for (const name in changed) delete changed[name];
    },
    on: (event, listener) => (listeners[event] ??= []).push(listener),
    off: (event, listener) => (listeners[event] = listeners[event].filter(each => each !== listener)),
    listening: () => Object.values(listeners).flat().length,
  };
  const el = document.body.appendChild(document.createElement("div"));
  return { model, stop: module.default.render({ model, el }) };
};
