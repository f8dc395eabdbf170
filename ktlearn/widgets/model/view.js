// ModelView in the browser: the model's picture, its tokens, and the block that is open. Layout and words are Python's.

import { choice } from "../base/controls.js";
import { h, shown } from "../base/kit.js";
import { textBox } from "../base/text_box.js";
import { renderer } from "../base/trait_widget.js";
import { idOf, pathOf, placeOf, traitOf } from "./numbers.js";
import { panelOf } from "./panel.js";
import { drawing } from "./scene.js";

/** The tokens of each tower, to choose one. */
function tokensOf({ set, words }) {
  const node = h("div", { class: "kt-tokens" });
  let seen = null;
  function show(state) {
    const { _tokens: tokens } = state;
    if (seen !== tokens) {
      seen = tokens;
      const chip = (tower, token, i) =>
        h(
          "button",
          { name: `${tower} ${i}`, onclick: () => set({ [traitOf(state, tower)]: i }) },
          h("bdi", {}, shown(token)),
        );
      const row = ([tower, names]) =>
        h(
          "div",
          { class: "kt-group", role: "group", "aria-label": words.tokens[tower] },
          h("small", {}, words.tokens[tower]),
          ...names.map((token, i) => chip(tower, token, i)),
        );
      node.replaceChildren(...Object.entries(tokens).map(row));
    }
    Object.entries(tokens).forEach(([tower], i) => {
      const at = placeOf(state, tower);
      [...node.children[i].querySelectorAll("button")].forEach((button, n) => (button.ariaPressed = n === at));
    });
  }
  return { node, show };
}

/** The buttons of layers, as many as the largest group has. */
function layersOf({ get, words }, move) {
  const last = Math.max(0, ...get("_groups").map(({ first, count }) => first + count));
  const options = Array.from({ length: last }, (_, layer) => ({ label: layer, set: { layer } }));
  return last ? [choice(words.layer, options, ({ layer }) => move(layer))] : [];
}

const offOn = ({ set, words }) => {
  const button = h(
    "button",
    { name: "counts", onclick: () => set({ counts: button.ariaPressed !== "true" }) },
    words.counts,
  );
  return { node: button, show: ({ counts }) => (button.ariaPressed = counts) };
};

function make(tools) {
  const { get, set, words } = tools,
    state = () => ({ layer: get("layer"), _groups: get("_groups") }),
    move = layer => {
      const id = idOf(get("selection"), state());
      set({ layer, selection: pathOf(id, { ...state(), layer }) });
    },
    open = id => {
      const selection = pathOf(id, state());
      set({ selection: selection === get("selection") ? "" : selection });
    },
    machine = drawing(get("_scene"), words.keyboard, open),
    panel = panelOf(tools),
    tokens = tokensOf(tools),
    stage = h("div", { class: "kt-tower", style: `--kt-wide: ${get("_scene").w}px` }, machine.node);

  function onkeydown(event) {
    const step = { "[": -1, "]": 1 }[event.key],
      id = event.target.closest?.(".kt-block")?.dataset.id;
    if (step) move(Math.max(0, get("layer") + step));
    else if (event.key === "Escape") set({ selection: "" });
    else if (id && (event.key === "Enter" || event.key === " ")) open(id);
    else return;
    event.preventDefault();
  }
  stage.onkeydown = onkeydown;

  function draw(now) {
    machine.show(now);
    panel.show(now);
    const columns = Object.values(now._table)[0]?.[2];
    return {
      live: now.selection ? [h("code", {}, now.selection)] : [],
      notes: [
        words.hint,
        columns && words.strip.replace("#", columns),
        now.counts && `${words.parameters} · ${words.macs}`,
      ],
    };
  }
  return {
    controls: [textBox(tools), ...layersOf(tools, move), offOn(tools), tokens],
    parts: [stage, panel.node],
    draw,
  };
}

const render = renderer("model", make);

export default { render };
