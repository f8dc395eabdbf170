// SoftmaxPlayground in the browser: a table of scores with bars, and the curves of all weights beside it.

import { choice, slider } from "../base/controls.js";
import { abs, arrowOf, ceil, clamp, h, largestOf, max, shown } from "../base/kit.js";
import { softmaxOf } from "../base/softmax.js";
import { change, svg, through } from "../base/svg.js";
import { renderer } from "../base/trait_widget.js";

// The temperatures of playground.py, as powers of two.
const COLDEST = -2,
  WARMEST = 2;

/** By what the scores given are multiplied before the softmax. */
export function factorOf({ d_k, _width, divided, temperature }) {
  return Math.sqrt(d_k / _width) / (divided ? Math.sqrt(d_k) : 1) / temperature;
}

/** How many keys would share like this if all had the same. */
export const spreadOf = weights => Math.exp(-weights.reduce((sum, w) => sum + (w > 0 ? w * Math.log(w) : 0), 0));

/** The smallest and the largest factor that the controls reach, as powers of two. */
export function limitsOf({ _width, _widths }) {
  return [-Math.log2(_width) / 2 - WARMEST, Math.log2(_widths.at(-1) / _width) / 2 - COLDEST];
}

const WIDE = 330,
  HIGH = 178,
  LEFT = 26,
  TOP = 8,
  ROOM = WIDE - LEFT - 8;

const temperatureOf = power => +(2 ** power).toFixed(4);

/** The sliders for the width and the temperature move evenly through their powers of two. */
function controlsOf({ get, set, soon, words }) {
  const widths = get("_widths");
  const nearest = d => widths.reduce((best, width, i) => (abs(width - d) < abs(widths[best] - d) ? i : best), 0);
  const setWidth = ({ d_k }) => set({ d_k: widths[d_k] });
  const width = slider(words.width, "d_k", { min: 0, max: widths.length - 1 }, setWidth, i => widths[i]);
  const range = { min: COLDEST, max: WARMEST, step: 0.125 };
  const setPower = ({ temperature }) => soon({ temperature: temperatureOf(temperature) });
  const warmth = slider(words.temperature, "temperature", range, setPower, power => (2 ** power).toFixed(2));
  const divide = [true, false].map(divided => ({ label: words[divided ? "yes" : "no"], set: { divided } }));
  return [
    { node: width.node, show: ({ d_k }) => width.show({ d_k: nearest(d_k) }) },
    choice(words.divide, divide, set),
    { node: warmth.node, show: ({ temperature }) => warmth.show({ temperature: Math.log2(temperature) }) },
  ];
}

/** The row of a key: its name, a slider for its score, and what becomes of that. */
function rowOf(label, i, reach, { get, set, soon, words }) {
  const cells = { raw: h("td"), input: h("td"), weight: h("td"), slope: h("td") };
  const bars = { weight: h("div", { class: "kt-bar" }), slope: h("div", { class: "kt-bar kt-thin" }) };
  const name = shown(label);
  const moved = (score, j) => (i === j ? +range.value : score);
  const oninput = () => soon({ scores: get("scores").map(moved), picked: i });
  const scale = { type: "range", min: -reach, max: reach, step: 0.5 };
  const range = h("input", { ...scale, name: `score ${i}`, "aria-label": `${words.score} ${name}`, oninput });
  const press = { name: `pick ${i}`, title: label, "aria-label": `${words.pick} ${name}` };
  const pick = h("button", { ...press, onclick: () => set({ picked: i }) }, h("i"), h("bdi", {}, name));
  const weight = [h("td", { class: "kt-share" }, bars.weight), cells.weight];
  const slope = [h("td", { class: "kt-slope" }, bars.slope), cells.slope];
  const first = [h("th", { scope: "row" }, pick), h("td", {}, range)];
  const node = h("tr", {}, ...first, cells.raw, cells.input, ...weight, ...slope);

  function show(state, { inputs, weights, slopes, grown }) {
    const isPicked = i === state.picked;
    node.style.setProperty("--kt-key", state.theme.heads[i]);
    node.classList.toggle("kt-chosen", isPicked);
    pick.ariaPressed = isPicked;
    range.value = state.scores[i];
    cells.raw.textContent = (state.scores[i] * grown).toFixed(2);
    cells.input.textContent = inputs[i].toFixed(2);
    cells.weight.textContent = weights[i].toFixed(3);
    cells.slope.textContent = slopes[i].toFixed(3);
    bars.weight.style.width = `${weights[i] * 100}%`;
    bars.slope.style.width = `${slopes[i] * 400}%`;
  }
  return { node, show };
}

function tableOf(tools) {
  const { get, words } = tools;
  const reach = max(8, ceil(largestOf(get("scores"))));
  const rows = get("_labels").map((label, i) => rowOf(label, i, reach, tools));
  const heads = words.columns.map(name => h("th", { scope: "col" }, name));
  heads[4].colSpan = heads[5].colSpan = 2;
  const body = h("tbody", {}, ...rows.map(({ node }) => node));
  const node = h("table", {}, h("thead", {}, h("tr", {}, ...heads)), body);
  function show(state, numbers) {
    for (const row of rows) row.show(state, numbers);
    heads[3].textContent = `÷ ${+(numbers.grown / numbers.factor).toFixed(2)}`;
  }
  return { node, show };
}

/** Lines and numbers behind the curves. */
function backgroundOf(x, y, [low, high], title) {
  const powers = [-6, -4, -2, 0, 2, 4, 6, 8].filter(power => power >= low && power <= high);
  const middle = { "text-anchor": "middle" };
  const ticks = powers.map(power =>
    svg("text", { x: x(power), y: y(0) + 17, ...middle }, power < 0 ? `÷ ${2 ** -power}` : `× ${2 ** power}`),
  );
  const lines = [0, 0.5, 1].flatMap(share => [
    svg("path", {
      class: "kt-line",
      d: through([
        [LEFT, y(share)],
        [WIDE - 8, y(share)],
      ]),
    }),
    svg("text", { x: LEFT - 6, y: y(share) + 4, "text-anchor": "end" }, String(share)),
  ]);
  return [...lines, ...ticks, svg("text", { x: (LEFT + WIDE) / 2, y: HIGH + 42, ...middle }, title)];
}

/** The weights of all keys for every size of the scores, and where the state is. */
function chartOf({ get, state, words }) {
  const limits = limitsOf(state());
  const [low, high] = limits;
  const x = power => LEFT + ((power - low) / (high - low)) * ROOM;
  const y = share => TOP + (1 - share) * HIGH;
  const curves = get("_labels").map(() => svg("path", { class: "kt-curve" }));
  const dots = curves.map(() => svg("circle", { r: 4.5, class: "kt-dot" }));
  const slope = svg("path", { class: "kt-curve", "stroke-dasharray": "2 3" });
  const here = svg("path", { class: "kt-here" });
  const title = words.x.replace("#", get("_width"));
  const attributes = { viewBox: `0 0 ${WIDE} ${HIGH + 46}`, class: "kt-chart", tabindex: 0, role: "img" };
  const parts = [...backgroundOf(x, y, limits, title), here, ...curves, slope, ...dots];
  const node = svg("svg", { ...attributes, "aria-label": words.chart }, ...parts);
  const samples = Array.from({ length: 121 }, (_, i) => low + (i / 120) * (high - low));

  function show({ scores, picked, theme: { heads } }, { weights, factor }) {
    const rows = samples.map(power => softmaxOf(scores.map(score => score * 2 ** power)));
    const curve = value => through(samples.map((power, i) => [x(power), y(value(rows[i]))]));
    const at = x(Math.log2(factor));
    weights.forEach((weight, i) => {
      const dashes = scores.indexOf(scores[i]) < i ? "8 8" : "none"; // on an equal curve: both are to be seen
      const line = { "stroke-width": i === picked ? 3 : 1.5, "stroke-dasharray": dashes };
      change(curves[i], { d: curve(row => row[i]), stroke: heads[i], ...line });
      change(dots[i], { cx: at, cy: y(weight), stroke: heads[i] });
    });
    change(slope, { d: curve(row => row[picked] * (1 - row[picked])), stroke: heads[picked] });
    change(here, {
      d: through([
        [at, y(0)],
        [at, y(1)],
      ]),
    });
  }
  return { node, show, powerAt: place => low + ((place * WIDE - LEFT) / ROOM) * (high - low) };
}

/** A drag and the arrow keys go to a size of the scores by the temperature, as far as it reaches. */
function listen({ node, powerAt }, { soon, state }) {
  function go(power) {
    const rest = factorOf({ ...state(), temperature: 1 });
    soon({ temperature: temperatureOf(clamp(COLDEST, Math.log2(rest) - power, WARMEST)) });
  }
  function drag(event) {
    const box = node.getBoundingClientRect();
    go(powerAt((event.clientX - box.left) / box.width));
  }
  node.onpointerdown = drag;
  node.onpointermove = event => event.buttons && drag(event);
  node.onkeydown = event => {
    const along = arrowOf(event)?.[1];
    if (!along) return;
    event.preventDefault();
    go(Math.log2(factorOf(state())) + along / 4);
  };
}

function make(tools) {
  const { get, words } = tools;
  const labels = get("_labels");
  const [table, chart] = [tableOf(tools), chartOf(tools)];
  listen(chart, tools);

  function draw(state) {
    const factor = factorOf(state);
    const inputs = state.scores.map(score => score * factor);
    const weights = softmaxOf(inputs);
    const slopes = weights.map(weight => weight * (1 - weight));
    const numbers = { factor, inputs, weights, slopes, grown: Math.sqrt(state.d_k / state._width) };
    table.show(state, numbers);
    chart.show(state, numbers);
    const [has, more, shared, of, keys] = words.live;
    const name = h("bdi", {}, shown(labels[state.picked]));
    const [weight, slope] = [weights, slopes].map(each => each[state.picked].toFixed(3));
    const spread = spreadOf(weights);
    const even = spread > 0.97 * labels.length ? words.even : "";
    const verdict = max(...weights) > 0.99 ? words.saturated : even;
    const after = `; ${more} ${slope}. ${shared} ${spread.toFixed(1)} ${of} ${labels.length} ${keys}. ${verdict}`;
    return { live: [name, ` ${has} `, h("b", {}, weight), after], notes: [words.aid, words.model] };
  }
  return { controls: controlsOf(tools), parts: [table.node, chart.node], draw };
}

const render = renderer("softmax", make);

export default { render };
