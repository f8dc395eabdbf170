// A frozen view: the traits as they were saved, and a model that needs no kernel.

/** The bytes of a base64 text, inflated. */
async function inflated(text) {
  const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).arrayBuffer();
}

const WORDS = { "-": -Infinity, "?": NaN };

/** Decimals as Python writes them: "-" is a pair that may not attend, "?" is not a number. */
const decimals = text => Float32Array.from(text.split(" "), word => WORDS[word] ?? +word);

/** The traits that are not saved: what the browser has asked for is here already. */
async function unsaved({ numbers, vectors }) {
  const answers = Object.entries(vectors).map(([question, text]) => [question, new DataView(decimals(text).buffer)]);
  return {
    _answers: Object.fromEntries(answers),
    _wanted: [],
    _live: "",
    _floats: numbers.decimals && decimals(numbers.decimals),
    _data: new DataView(numbers.deflated ? await inflated(numbers.deflated) : new ArrayBuffer(0)),
  };
}

/** A model like anywidget's. What it is told is told to the views on this page that are linked with it. */
function modelOf(state, links) {
  const listeners = {};
  const model = {
    get: name => state[name],
    set(name, value, isTold) {
      if (JSON.stringify(state[name]) === JSON.stringify(value)) return;
      state[name] = value;
      for (const listener of listeners[`change:${name}`] ?? []) listener();
      if (isTold) return;
      for (const { group, traits } of links) {
        if (!traits.includes(name)) continue;
        document.dispatchEvent(new CustomEvent("ktlearn", { detail: [group, name, value] }));
      }
    },
    save_changes() {},
    on: (event, listener) => (listeners[event] ??= []).push(listener),
    off() {},
  };
  document.addEventListener("ktlearn", ({ detail: [from, name, value] }) => {
    if (links.some(({ group }) => group === from)) model.set(name, value, true);
  });
  return model;
}

export async function thaw(host, frozen, render) {
  const el = document.createElement("div");
  const state = { ...frozen.state, ...(await unsaved(frozen)) };
  host.replaceChildren(...host.querySelectorAll("style"), el);
  render({ model: modelOf(state, frozen.links), el });
}

/**
 * The copy beside a live widget: hidden for two seconds, in which that may come, and alive as soon as it is in sight.
 * `data-kt-settled` says that the two seconds are over.
 */
export function thawAlone(host, frozen, render) {
  host.hidden = true;
  setTimeout(() => {
    host.hidden = false;
    host.dataset.ktSettled = "";
  }, 2000);
  const watcher = new ResizeObserver(() => {
    if (!host.clientHeight) return;
    watcher.disconnect();
    thaw(host, frozen, render);
  });
  watcher.observe(host);
}
