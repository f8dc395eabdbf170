// AttentionView in the browser. The state is the model's traits, the weights come as bytes; colours and words are
// Python's. Heatmap, lines and grid are drawn on a canvas, the strip and the steps are text.

import { frame } from "../base/frame.js";
import { h, min, same } from "../base/kit.js";
import { textBox } from "../base/text_box.js";
import { controlsOf } from "./controls.js";
import { PICTURES } from "./pictures.js";
import { hoverAt, pin, point, press } from "./pointing.js";
import { sceneOf } from "./scene.js";
import { sentence, TEXTS } from "./texts.js";

/** Draw the state, give the stage the size of that, and answer what is to be said. */
function draw(page, state) {
  if (state.view !== "grid") page.hover = state.hover; // in the grid it is a layer and a head, and no trait
  const { canvas, scroller, sizer, stage, texts, words } = page,
    ratio = devicePixelRatio,
    scene = (page.scene = sceneOf(page, state)),
    nodes = TEXTS[state.view]?.(scene) ?? [],
    isOther = (node, i) => node !== texts.children[i];
  if (nodes.some(isOther) || texts.children[nodes.length]) texts.replaceChildren(...nodes);

  const picture = (page.picture = PICTURES[state.view]?.(scene)),
    { width, height } = picture ?? { width: 0, height: texts.scrollHeight },
    w = stage.clientWidth || 800,
    h = min(640, height + (width > w ? 16 : 0)); // room for a scroll bar
  sizer.style.cssText = `width: ${width}px; height: ${picture ? height : 0}px`;
  stage.style.height = `${h}px`;
  Object.assign(canvas, { width: w * ratio, height: h * ratio });
  scene.pen.g.scale(ratio, ratio);
  page.box = { x: scroller.scrollLeft, y: scroller.scrollTop, w, h };
  picture?.draw(page.box);

  const live = sentence(scene),
    { questions } = scene.numbers,
    notes = [scene.block.signed && words.signed, state.special === "remove" && words.removed, ...state._notes];
  if (questions.length && !same(questions, state._wanted)) page.soon({ _wanted: questions });
  return { live, notes: [`${words[state.view]} ${words.caution}`, ...notes] };
}

/** The page: the tools of frame.js, the nodes, and what is on them now: scene, picture, box and hover. */
function pageOf(tools) {
  const canvas = h("canvas"),
    sizer = h("div"), // as large as the whole picture, of which the canvas shows the part in sight
    texts = h("div", { class: "kt-texts" }),
    reader = { class: "kt-scroll", tabindex: 0, role: "application", "aria-label": tools.words.keyboard },
    scroller = h("div", reader, sizer, texts),
    stage = h("div", { class: "kt-stage" }, canvas, scroller),
    page = { ...tools, canvas, sizer, texts, scroller, stage, cache: new Map() };
  Object.assign(scroller, {
    onclick: () => pin(page),
    onkeydown: event => press(page, event),
    onmouseleave: () => hoverAt(page, null),
    onmousemove: event => point(page, event),
    onscroll: tools.redraw,
  });
  return page;
}

function make(tools) {
  const page = pageOf(tools);
  return { controls: [textBox(tools), controlsOf(tools)], parts: [page.stage], draw: state => draw(page, state) };
}

const render = context => frame(context, "kt-attention", make);

export default { render };
