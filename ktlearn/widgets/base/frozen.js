// A frozen view: the traits as they were saved, and a model that needs no kernel.

/** The bytes of a base64 text, inflated. */
async function inflated(text) {
  const letters = atob(text), bytes = new Uint8Array(letters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).arrayBuffer();
}

/** Decimals as Python writes them: "-" is a pair that may not attend, "?" is not a number. */
const decimals = (text) => Float32Array.from(text.split(" "), (word) => (word === "-" ? -Infinity : word === "?" ? NaN : +word));

async function thaw(host, { state, numbers, vectors, links }, render) {
  const listeners = {}, el = document.createElement("div");
  const answers = Object.entries(vectors).map(([question, text]) => [question, new DataView(decimals(text).buffer)]);
  Object.assign(state, { _answers: Object.fromEntries(answers), _wanted: [], _live: "", _floats: numbers.decimals && decimals(numbers.decimals) });
  state._data = new DataView(numbers.deflated ? await inflated(numbers.deflated) : new ArrayBuffer(0));
  const model = {
    get: (name) => state[name],
    set(name, value, isTold) {
      if (JSON.stringify(state[name]) === JSON.stringify(value)) return;
      state[name] = value;
      for (const listener of listeners[`change:${name}`] ?? []) listener();
      if (isTold) return;
      for (const { group, traits } of links) {
        if (traits.includes(name)) document.dispatchEvent(new CustomEvent("ktlearn", { detail: [group, name, value] }));
      }
    },
    save_changes() {},
    on: (event, listener) => (listeners[event] ??= []).push(listener),
    off() {},
  };
  document.addEventListener("ktlearn", ({ detail: [from, name, value] }) => {
    if (links.some(({ group }) => group === from)) model.set(name, value, true);
  });
  host.replaceChildren(...host.querySelectorAll("style"), el);
  render({ model, el });
}

/** The copy beside a live widget: hidden for two seconds, in which that may come; alive as soon as it is in sight. */
function thawAlone(host, frozen, render) {
  host.hidden = true;
  setTimeout(() => (host.hidden = false), 2000);
  const watcher = new ResizeObserver(() => {
    if (!host.clientHeight) return;
    watcher.disconnect();
    thaw(host, frozen, render);
  });
  watcher.observe(host);
}
