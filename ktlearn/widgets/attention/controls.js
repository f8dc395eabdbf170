// What stands above the map: the controls that controls.py describes.

import { choice, slider } from "../base/controls.js";
import { h, round } from "../base/kit.js";

/** Switch a head on or off; one stays on. */
export function toggled(heads, head) {
  if (heads.includes(head)) return heads.length > 1 ? heads.filter(other => other !== head) : heads;
  return [...heads, head].sort((a, b) => a - b);
}

/** The buttons of heads have their colours. With Shift, one is one more or one less; pressed are all that are shown. */
function chips(label, options, { get, set, words }) {
  const { node, show, buttons } = choice(label, options, set),
    heads = buttons.slice(0, -1); // the last one is "all"
  heads.forEach((button, head) => {
    const onclick = ({ shiftKey, ctrlKey, metaKey }) =>
        set({ heads: shiftKey || ctrlKey || metaKey ? toggled(get("heads"), head) : [head] }),
      style = `--kt-head: var(--kt-heads-${head % 8})`;
    Object.assign(button, { className: "kt-head", title: words.heads, style, onclick });
  });
  return {
    node,
    show(state) {
      show(state);
      heads.forEach((button, head) => {
        button.ariaPressed = state.heads.includes(head);
      });
    },
  };
}

/** A slider through the snapshots, and a button that moves it, until it is taken off the page. */
function snapshots(label, range, { get, set }) {
  let timer = 0;
  const [{ steps }] = get("_blocks"),
    { node, show } = slider(label, range.name, range, set, step => steps[step]),
    button = h("button", { name: "play", onclick: play }, "▶"),
    next = () => (button.isConnected ? set({ step: (get("step") + 1) % steps.length }) : clearInterval(timer));
  function play() {
    clearInterval(timer);
    timer = timer ? 0 : setInterval(next, 400);
    button.textContent = timer ? "■" : "▶";
  }
  return { node: h("span", { class: "kt-group" }, node, button), show };
}

/** All controls; shown are those for the view and the block. They are made again when Python describes others. */
export function controlsOf(tools) {
  let described, made;
  const node = h("div", { class: "kt-described" }),
    percent = share => `${round(share * 100)} %`;
  function control({ label, options, range }) {
    if (label === "heads") return chips(label, options, tools);
    if (options) return choice(label, options, tools.set);
    if (range.name === "step") return snapshots(label, range, tools);
    return slider(label, range.name, range, tools.set, percent);
  }
  function show(state) {
    if (described !== state._controls) {
      described = state._controls;
      made = described.map(one => ({ ...one, ...control(one) }));
      node.replaceChildren(...made.map(one => one.node));
    }
    for (const { views = [state.view], block = state.block, node, show } of made) {
      node.hidden = !views.includes(state.view) || block !== state.block;
      show(state);
    }
  }
  return { node, show };
}
