// The frame of every widget: its controls, its parts, a line in words and notes, drawn again when something changes.

import { isDark } from "./colours.js";
import { h, traitsOf } from "./kit.js";

/** Call `draw` for every change of a trait, of the theme or of the width; `stop` ends that. */
function keepDrawn(model, traits, root, draw) {
  let frame = 0;
  const redraw = () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        draw();
      });
    },
    theme = new MutationObserver(redraw),
    width = new ResizeObserver(redraw),
    listen = how => traits.forEach(name => model[how](`change:${name}`, redraw));
  for (const node of [document.body, document.documentElement]) theme.observe(node, { attributes: true });
  width.observe(root);
  listen("on");
  redraw();
  function stop() {
    theme.disconnect();
    width.disconnect();
    listen("off");
  }
  return { redraw, stop };
}

/**
 * Put a widget on the page; the answer takes it away. `make(tools)` answers {controls, parts, draw}: controls, each
 * {node, show(state)}, and parts are made once; `draw(state)` brings them up to date, and answers what is to be
 * said: {live, notes}, the nodes of a line and some sentences.
 */
export function frame({ model, el }, kind, make) {
  const tools = traitsOf(model),
    { words, colours, traits } = tools.get("_design"),
    state = () => Object.fromEntries(traits.map(name => [name, tools.get(name)])),
    { controls, parts, draw } = make({ ...tools, words, state, redraw: () => drawn.redraw() }),
    live = h("div", { class: "kt-live", role: "status" }),
    notes = h("div", { class: "kt-notes" }),
    above = h("div", { class: "kt-controls" }, ...controls.map(one => one.node)),
    root = h("div", { class: `kt-widget ${kind}` }, above, h("div", { class: "kt-parts" }, ...parts), live, notes);
  root.dataset.lmSuppressShortcuts = true; // JupyterLab leaves the keys to the widget
  root.dataset.ktLive = tools.get("_live"); // by which the copy beside it knows that it is not alone: see freezable.py
  el.append(root);
  const drawn = keepDrawn(model, traits, root, () => {
    const theme = colours[isDark(el) ? "dark" : "light"],
      now = { ...state(), theme };
    root.classList.toggle("kt-dark", theme === colours.dark);
    for (const { show } of controls) show(now);
    const said = draw(now);
    live.replaceChildren(...said.live);
    notes.replaceChildren(...said.notes.filter(Boolean).map(note => h("p", {}, note)));
  });
  return drawn.stop;
}
