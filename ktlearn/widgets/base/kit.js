// What every widget uses: arithmetic, tokens for the eye, DOM nodes, keys, and the way to the model's traits.

export const { abs, ceil, floor, max, min, round } = Math;

export const clamp = (low, x, high) => max(low, min(x, high));

export const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** The largest number, sign apart; 1 when all are zero. */
export const largestOf = values =>
  values.reduce((best, value) => (isFinite(value) ? max(best, abs(value)) : best), 0) || 1;

/** A token for the eye: what is only space becomes visible. */
export function shown(token) {
  const text = token.replace(/[\n\r]/g, "⏎");
  return token.trim() ? text : text.replace(/\s/g, "␣") || "∅";
}

/** Give a node its attributes, functions as properties, and its children. */
export function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value.call) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

export const h = (tag, attributes = {}, ...children) => filled(document.createElement(tag), attributes, children);

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** Where an arrow key goes, [down, right]; undefined for every other key. */
export const arrowOf = event => ARROWS[event.key];

/** Set traits at once with `set`, or with `soon` 20 times a second at most; `waiting` is what has not been sent. */
export function traitsOf(model) {
  let timer = 0,
    waiting = {};
  function set(changes) {
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    model.save_changes();
  }
  function send() {
    const changes = waiting;
    [timer, waiting] = [0, {}];
    set(changes);
  }
  function soon(changes) {
    Object.assign(waiting, changes);
    timer ||= setTimeout(send, 50);
  }
  return { get: name => (name in waiting ? waiting[name] : model.get(name)), set, soon };
}
