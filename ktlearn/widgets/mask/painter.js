// MaskPainter in the browser: a mask to paint, and beside it the weights that it leaves.

import { choice } from "../base/controls.js";
import { inkOn, shader } from "../base/colours.js";
import { abs, arrowOf, clamp, h, max, same, shown } from "../base/kit.js";
import { softmaxOf } from "../base/softmax.js";
import { renderer } from "../base/trait_widget.js";

const BIG = 1e30;

const mapped = (mask, value) => mask.map((row, i) => row.map((may, j) => value(may, i, j)));

const turned = rows => rows[0].map((_, j) => rows.map(row => row[j]));

const sumOf = row => row.reduce((total, weight) => total + weight, 0);

/** The weights for scores and a mask, used in one of the six ways; see painter.py. */
export function weigh(scores, mask, way) {
  const scored = value => mapped(mask, (may, i, j) => value(may, scores[i][j])),
    softmaxRows = rows => rows.map(softmaxOf),
    hidden = way === "-inf" ? -Infinity : -BIG;
  if (way === "after") return mapped(softmaxRows(scores), (weight, i, j) => weight * mask[i][j]);
  if (way === "times") return softmaxRows(scored((may, score) => score * may));
  if (way === "axis") return turned(softmaxRows(turned(scored((may, score) => (may ? score : hidden)))));
  return softmaxRows(scored((may, score) => (may !== (way === "flipped") ? score : hidden)));
}

const near = (a, b) => abs(a - b) < 1e-6 || (Number.isNaN(a) && Number.isNaN(b));

/** True for each invariant that is broken: row sums, hidden weight, hidden influence. */
export function alarmsOf(scores, mask, way) {
  const weights = weigh(scores, mask, way);
  const hidden = mapped(mask, (may, i, j) => !may && !near(weights[i][j], 0)).flat();
  const isHeard = mask.some((_, query) => {
    const others = mapped(mask, (may, i, j) => scores[i][j] + (i === query && may ? 0 : 1));
    return weigh(others, mask, way)[query].some((weight, j) => !near(weight, weights[query][j]));
  });
  const isLeaking = hidden.includes(true);
  return [weights.some(row => !near(sumOf(row), 1)), isLeaking, isLeaking || isHeard];
}

/** The mask of a preset: "none", "padding", "causal" or "both". */
export function presetOf(name, size, pads) {
  const places = Array.from({ length: size }, (_, i) => i);
  const [hidesPads, hidesFuture] = ["padding", "causal"].map(each => name === each || name === "both");
  return places.map(i => places.map(j => !(hidesPads && pads.includes(j)) && !(hidesFuture && j > i)));
}

function controlsOf({ get, set, words }) {
  const tokens = get("_tokens"),
    pads = get("_pads"),
    names = Object.keys(words.preset).filter(name => pads.length || ["none", "causal"].includes(name));
  const preset = name => ({ label: words.preset[name], set: { allowed: presetOf(name, tokens.length, pads) } });
  const ways = Object.entries(words.way).map(([way, [label]]) => ({ label, set: { way } }));
  return [choice(words.presets, names.map(preset), set), choice(words.ways, ways, set)];
}

const nameOf = token => h("bdi", { title: token }, shown(token));

/** A table of cells. `button(i, side, name)` makes a token a button; `more` is a last column, [title, cells]. */
function grid(tokens, title, button, more = []) {
  const isLong = max(...tokens.map(token => [...shown(token)].length)) > 5;
  const head = (i, side) => {
    const name = nameOf(tokens[i]);
    const attributes = { scope: side ? "col" : "row", class: side && isLong ? "kt-tall" : "" };
    return h("th", attributes, button ? button(i, side, name) : name);
  };
  const cell = (i, j) => h("td", { role: "gridcell", tabindex: -1, "data-cell": `${i},${j}` });
  const cells = tokens.map((_, i) => tokens.map((_, j) => cell(i, j)));
  const [word, column] = more;
  const titles = [h("td"), ...tokens.map((_, j) => head(j, 1)), ...(word ? [h("th", { scope: "col" }, word)] : [])];
  const rows = cells.map((row, i) => h("tr", {}, head(i, 0), ...row, ...(column ? [column[i]] : [])));
  const caption = h("caption", {}, title);
  const parts = [caption, h("thead", {}, h("tr", {}, ...titles)), h("tbody", {}, ...rows)];
  return { node: h("table", { role: "grid", "aria-label": title }, ...parts), cells, caption };
}

/** What is painted, by clicks, by dragging and by keys. `put(value, isIn)` sets the cells for which `isIn(i, j)`. */
function painting({ get, soon, redraw }) {
  function put(value, isIn) {
    soon({ allowed: mapped(get("allowed"), (may, i, j) => (isIn(i, j) ? value : may)) });
    redraw();
  }
  const may = ([i, j]) => get("allowed")[i][j];
  const paint = (value, spot) => put(value, (i, j) => same([i, j], spot));
  /** Forbid a whole row or column, or allow it where all is forbidden. */
  function flip(place, side) {
    const isIn = (...spot) => spot[side] === place;
    const isOn = mapped(get("allowed"), (may, i, j) => may && isIn(i, j))
      .flat()
      .includes(true);
    put(!isOn, isIn);
  }
  function point(spot) {
    if (same(get("cell"), spot)) return;
    soon({ cell: spot });
    redraw();
  }
  return { may, paint, flip, point };
}

const cellOf = event => event.target.closest?.("[data-cell]")?.dataset.cell.split(",").map(Number) ?? null;

/** Listen to both tables: the left one is painted on, in both the keys walk and what is pointed at is told. */
function listen(left, right, { may, paint, point }) {
  let brush = null; // what the pointer paints while it is down
  left.node.onpointerdown = event => {
    const spot = cellOf(event);
    if (!spot) return;
    brush = !may(spot);
    addEventListener("pointerup", () => (brush = null), { once: true });
    paint(brush, spot);
  };
  for (const table of [left, right]) {
    table.node.onpointerover = event => {
      const spot = cellOf(event);
      point(spot);
      if (spot && brush !== null && event.buttons) paint(brush, spot);
    };
    table.node.onpointerleave = () => point(null);
    table.node.addEventListener("focusin", event => cellOf(event) && point(cellOf(event)));
    table.node.onkeydown = event => {
      const spot = cellOf(event);
      const arrow = arrowOf(event);
      if (!spot || !(arrow || [" ", "Enter"].includes(event.key))) return;
      event.preventDefault();
      const [i, j] = spot.map((n, side) => clamp(0, n + (arrow?.[side] ?? 0), table.cells.length - 1));
      if (arrow) table.cells[i][j].focus();
      else if (table === left) paint(!may(spot), spot);
    };
  }
}

const written = (number, digits) => (Number.isNaN(number) ? "nan" : number.toFixed(digits));

/** Bring both tables up to date: the mask on the left, the weights on the right. */
function drawCells({ left, right, tokens, words }, state, weights) {
  const { allowed, cell: at, theme } = state;
  const shade = shader(theme, false, 1);
  mapped(allowed, (may, i, j) => {
    const weight = weights[i][j];
    const isBlank = !may && weight === 0;
    const [a, b] = [left.cells[i][j], right.cells[i][j]];
    a.textContent = may ? "1" : "0";
    a.className = may ? "kt-open" : "kt-shut";
    b.textContent = weight < 0.005 ? "" : written(weight, 2);
    b.className = isBlank ? "kt-shut" : "";
    b.classList.toggle("kt-leak", !may && weight > 5e-4);
    const rgb = shade(weight);
    b.style.cssText = isBlank ? "" : `background: rgb(${rgb}); color: ${inkOn(rgb)}`;
    a.ariaLabel = `${shown(tokens[i])} ${words[may ? "may" : "may not"]} ${shown(tokens[j])}`;
    b.ariaLabel = `${a.ariaLabel}, ${words.weight} ${written(weight, 2)}`;
    for (const cell of [a, b]) {
      cell.tabIndex = same(at ?? [0, 0], [i, j]) ? 0 : -1;
      cell.classList.toggle("kt-at", same(at, [i, j]));
    }
  });
}

/** What is pointed at in words, and the notes. */
function said({ tokens, words }, { allowed, cell, way }, weights) {
  const isNowhere = (_, i) => !allowed[i].includes(true);
  const nowhere = tokens
    .filter(isNowhere)
    .map(token => shown(token).slice(0, 40))
    .join(", ");
  const notes = [words.way[way][1], nowhere && `${nowhere} ${words.nowhere}`, words.aid];
  if (!cell) return { live: [words.hint], notes };
  const [i, j] = cell;
  const number = Number.isNaN(weights[i][j]) ? words["not a number"] : weights[i][j].toFixed(3);
  const verb = ` ${words[allowed[i][j] ? "may" : "may not"]} `;
  const live = [nameOf(tokens[i]), verb, nameOf(tokens[j]), `: ${words.weight} `, h("b", {}, number)];
  return { live, notes };
}

function make(tools) {
  const { get, words } = tools;
  const tokens = get("_tokens");
  const brush = painting(tools);
  const button = (i, side, name) => {
    const what = words[side ? "column" : "row"];
    const attributes = { name: `${what} ${i}`, "aria-label": `${what} ${shown(tokens[i])}` };
    return h("button", { ...attributes, onclick: () => brush.flip(i, side) }, name);
  };
  const sums = tokens.map(() => h("td", { class: "kt-sum" }));
  const alarms = words.alarms.map(word => h("span", { class: "kt-alarm" }, word));
  const left = grid(tokens, words.mask, button);
  const right = grid(tokens, words.weights, null, [words.sum, sums]);
  listen(left, right, brush);
  const page = { left, right, tokens, words };

  function draw(state) {
    const { _scores, allowed, way } = state;
    const weights = weigh(_scores, allowed, way);
    right.caption.textContent = `${words.weights}: ${words.way[way][0]}`;
    drawCells(page, state, weights);
    weights.map(sumOf).forEach((sum, i) => {
      sums[i].textContent = written(sum, 2);
      sums[i].classList.toggle("kt-wrong", !(abs(sum - 1) < 5e-4));
    });
    alarmsOf(_scores, allowed, way).forEach((isBroken, i) => {
      alarms[i].textContent = `${isBroken ? "✗" : "✓"} ${words.alarms[i]}`;
      alarms[i].classList.toggle("kt-wrong", isBroken);
    });
    return said(page, state, weights);
  }
  const parts = [left.node, right.node, h("div", { class: "kt-alarms" }, ...alarms)];
  return { controls: controlsOf(tools), parts, draw };
}

const render = renderer("mask", make);

export default { render };
