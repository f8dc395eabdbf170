// PositionExplorer in the browser: the map, one clock for each pair, the wave of a pair, and the dot products.

import { image, shader } from "../base/colours.js";
import { slider } from "../base/controls.js";
import { abs, arrowOf, clamp, floor, h, max, min } from "../base/kit.js";
import { change, svg, through } from "../base/svg.js";
import { renderer } from "../base/trait_widget.js";

/** How far the clock of a pair turns in one step. */
export const rateOf = (pair, width) => 10000 ** ((-2 * pair) / width);

/** The paper's vector of a position: sine and cosine of each pair. */
export function vectorOf(position, width) {
  const number = (_, i) => (i % 2 ? Math.cos : Math.sin)(position * rateOf(floor(i / 2), width));
  return Float64Array.from({ length: width }, number);
}

export const dotOf = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);

const WIDE = 376,
  WAVE = 84,
  DOTS = 96,
  HIGH = 400;

/** The map: a canvas of one pixel for each number, and SVG over it for what is chosen. */
function mapOf(vectors, words) {
  const [length, width] = [vectors.length, vectors[0].length];
  const wide = clamp(160, 10 * width, 320);
  const row = HIGH / length;
  const tall = max(row, 3);
  const canvas = h("canvas", { width, height: length });
  const rowOf = n => svg("rect", { class: `kt-row kt-key-${n}`, x: -1, width: wide + 2, height: tall });
  const rows = [0, 1].map(rowOf);
  const marks = [0, 1].map(n => svg("text", { class: `kt-key-${n}`, x: -7, "text-anchor": "end" }));
  const column = svg("rect", { class: "kt-pair", y: -7, width: (2 * wide) / width, height: 4 });
  const title = svg("text", { x: wide / 2, y: HIGH + 17, "text-anchor": "middle" }, words.dimension);
  const over = svg("svg", { width: wide, height: HIGH }, rows[1], rows[0], ...marks, column, title);
  const style = `width: ${wide}px; height: ${HIGH}px`;
  const node = h(
    "div",
    { class: "kt-map", tabindex: 0, role: "application", "aria-label": words.keys, style },
    canvas,
    over,
  );
  let painted;

  function show({ position, other, pair, theme }) {
    if (painted !== theme) {
      const numbers = vectors.flatMap(vector => [...vector]);
      canvas.getContext("2d").drawImage(image(numbers, length, width, shader(theme, true, 1)), 0, 0);
    }
    painted = theme;
    [position, other].forEach((place, n) => {
      change(rows[n], { y: (place + 0.5) * row - tall / 2 });
      change(marks[n], { y: (place + 0.5) * row + 4 });
      marks[n].textContent = place;
    });
    change(marks[1], { visibility: abs(position - other) * row < 11 ? "hidden" : "visible" });
    change(column, { x: (pair * 2 * wide) / width });
  }
  return { node, show };
}

/** A drag moves a position and arrow keys move it by one, with Shift the other one; left and right change the pair. */
function listen(node, length, pairs, { get, set, soon }) {
  const within = (i, count) => clamp(0, i, count - 1);
  const nameOf = event => (event.shiftKey ? "other" : "position");
  function drag(event) {
    const box = node.getBoundingClientRect();
    const share = (event.clientY - box.top) / box.height;
    soon({ [nameOf(event)]: within(floor(share * length), length) });
  }
  node.onpointerdown = drag;
  node.onpointermove = event => event.buttons && drag(event);
  node.onkeydown = event => {
    if (!arrowOf(event)) return;
    event.preventDefault();
    const [down, along] = arrowOf(event);
    const name = nameOf(event);
    set(down ? { [name]: within(get(name) + down, length) } : { pair: within(get("pair") + along, pairs) });
  };
}

/** A clock for each pair, with a hand for each of the two positions. */
function clocksOf(width, { set, words }) {
  const pairs = width / 2;
  const size = pairs <= 16 ? 44 : 22;
  const clocks = Array.from({ length: pairs }, (_, pair) => {
    const hands = [1, 0].map(n => svg("path", { class: `kt-hand kt-key-${n}` }));
    const face = svg("circle", { r: 19, class: "kt-face" });
    const name = `${words.clock} ${pair}`;
    const clock = svg("svg", { viewBox: "-22 -22 44 44", width: size, height: size }, face, ...hands);
    const node = h("button", { name, "aria-label": name, onclick: () => set({ pair }) }, clock);
    return { node, hands, rate: rateOf(pair, width) };
  });
  function show(state) {
    clocks.forEach(({ node, hands, rate }, pair) => {
      node.ariaPressed = pair === state.pair;
      [state.other, state.position].forEach((place, n) => {
        const tip = [16 * Math.sin(place * rate), -16 * Math.cos(place * rate)];
        change(hands[n], { d: through([[0, 0], tip]) });
      });
    });
  }
  return { node: h("div", { class: "kt-clocks" }, ...clocks.map(({ node }) => node)), show };
}

/** A chart over the positions: `count` curves, the second one broken, with a ring at each of the two positions. */
function chart(tall, count, length) {
  const title = h("small");
  const zero = svg("path", { class: "kt-line" });
  const curves = Array.from({ length: count }, (_, n) => svg("path", { class: n ? "kt-second" : "kt-first" }));
  const dots = curves.map(() => [1, 0].map(n => svg("circle", { r: 4.5, class: `kt-dot kt-key-${n}` })));
  const attributes = { viewBox: `0 -6 ${WIDE} ${tall + 12}`, class: "kt-chart", role: "img" };
  const picture = svg("svg", attributes, zero, ...curves, ...dots.flat());

  function show(state, words, values, low, high) {
    const x = i => ((i + 0.5) / length) * WIDE;
    const y = value => ((high - value) / (high - low)) * tall;
    title.textContent = picture.ariaLabel = words;
    change(zero, {
      d: through([
        [0, y(0)],
        [WIDE, y(0)],
      ]),
    });
    values.forEach((line, n) => {
      change(curves[n], { d: through(line.map((value, i) => [x(i), y(value)])) });
      [state.other, state.position].forEach((place, i) => change(dots[n][i], { cx: x(place), cy: y(line[place]) }));
    });
  }
  return { node: h("div", {}, title, picture), show };
}

function make(tools) {
  const { get, soon, words } = tools;
  const [length, width] = [get("_length"), get("_width")];
  const pairs = width / 2;
  const vectors = Array.from({ length }, (_, i) => vectorOf(i, width));
  const range = { min: 0, max: length - 1 };
  const controls = ["position", "other"].map(name => slider(words[name], name, range, soon));
  const map = mapOf(vectors, words);
  const clocks = clocksOf(width, tools);
  const [wave, dots] = [chart(WAVE, 2, length), chart(DOTS, 1, length)];
  const side = h("div", { class: "kt-side" }, h("small", {}, words.clocks), clocks.node, wave.node, dots.node);
  listen(map.node, length, pairs, tools);

  function draw(state) {
    const { position, other, pair } = state;
    const rate = rateOf(pair, width);
    const waves = [Math.sin, Math.cos].map(wave => vectors.map((_, i) => wave(i * rate)));
    const products = vectors.map(vector => dotOf(vector, vectors[position]));
    map.show(state);
    clocks.show(state);
    wave.show(state, words.wave.replace("#", pair), waves, -1, 1);
    dots.show(state, words.dots.replace("#", position), [products], min(0, ...products), pairs);
    const distance = Math.hypot(...vectors[position].map((x, i) => x - vectors[other][i]));
    const [positions, and, apart, of, far] = words.live;
    const before = `${positions} ${position} ${and} ${other}, ${abs(position - other)} ${apart} `;
    const turn = `${words.turn.replace("#", pair)} ${((2 * Math.PI) / rate).toFixed(1)} ${words.positions}.`;
    const after = ` ${of} ${pairs}, ${far} ${distance.toFixed(2)}. ${turn}`;
    return { live: [before, h("b", {}, products[other].toFixed(2)), after], notes: [words.map, words.aid] };
  }
  return { controls, parts: [map.node, side], draw };
}

const render = renderer("positions", make);

export default { render };
