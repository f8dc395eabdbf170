// What stands beside the picture: the block that is open, with its arithmetic.

import { image } from "../base/colours.js";
import { choice, slider } from "../base/controls.js";
import { h, largestOf, max } from "../base/kit.js";
import { answerOf, arithmetic, idOf, pathOf, placeOf, probabilities } from "./numbers.js";
import { drawing, nameOf, rounded, shadeOf } from "./scene.js";

const cell = content => (content.rowSpan ? content : h("td", {}, content));

const table = (titles, rows) =>
  h(
    "table",
    {},
    h("thead", {}, h("tr", {}, ...titles.map(title => h(title ? "th" : "td", {}, title)))),
    h("tbody", {}, ...rows.map(([name, isOn, ...cells]) => line(name, isOn, cells))),
  );

const line = (name, isOn, cells) =>
  h("tr", { class: isOn ? "kt-here" : "" }, h("th", { scope: "row" }, name), ...cells.map(cell));

const bar = share => h("div", { class: "kt-bar", style: `width: ${max(0, share) * 110}px` });

/** A vector as a strip of colours: its numbers are from -1 to 1. */
function stripe(values, theme) {
  const shade = shadeOf(theme, true),
    part = 100 / values.length,
    colours = Array.from(values, (value, i) => `rgb(${shade(value)}) ${i * part}% ${(i + 1) * part}%`);
  return h("div", { class: "kt-vector", style: `background: linear-gradient(90deg, ${colours})` });
}

/** The vectors of all rows as one picture, in a cell that spans them: the first row holds it. */
function pile(vectors, theme) {
  const rows = vectors.length,
    canvas = image(
      vectors.flatMap(vector => [...vector]),
      rows,
      vectors[0].length,
      shadeOf(theme, true),
    );
  canvas.style.height = `calc(var(--kt-row) * ${rows})`;
  return h("td", { rowspan: rows, class: "kt-pile" }, canvas);
}

/** The learned vectors of a normalisation, each with its least and its largest number. */
const learned = (state, { learned: ids = [] }) =>
  ids.flatMap(id => {
    const one = answerOf(state, id),
      { least, most } = state._facts[pathOf(id, state)] ?? {};
    return one
      ? [h("p", { class: "kt-own" }, id.slice(-1), stripe(one.row(0), state.theme), `${least} … ${most}`)]
      : [];
  });

/** The vectors of each token, and what is told of them in numbers or, at a vocabulary, as the most probable token. */
function passage(state, id, words) {
  const { _blocks, _facts, _tokens, _sizes, _top, theme } = state,
    { kind, strips, tower } = _blocks[id],
    found = strips.map(each => answerOf(state, each)),
    tokens = _tokens[tower] ?? [];
  if (found.some(one => one?.rows !== tokens.length)) return [];
  const numbers = _facts[pathOf(id, state)] ?? {},
    facts = Object.entries(numbers),
    top = max(...found.map(({ scale }) => scale)),
    share = ({ scale }) => (numbers.cosine ? scale / top : 1), // what is added up has one scale
    vectors = one => tokens.map((_, i) => one.row(i).map(number => number * share(one))),
    piles = found.map(one => pile(vectors(one), theme)),
    best = kind === "head" && _top.kind === "V" ? _top.names : null,
    titles = [...facts.map(([name]) => words.facts[name].replace("#", _sizes.F)), ...(best ? [words.best] : [])],
    told = (column, i) => (column.every(Number.isInteger) ? column[i] : (column[i]?.toFixed(2) ?? "?")),
    row = (token, i) => [
      nameOf(token),
      i === found[0].at,
      ...(i ? [] : piles),
      ...facts.map(([, column]) => told(column, i)),
      ...(best ? [nameOf(best[i][0])] : []),
    ];
  const named = [words.strips[kind], words.strips.other].find(each => each?.length === found.length);
  return [table(["", ...named, ...titles], tokens.map(row))];
}

/** One query of a head meets every key. */
function steps(state, id, words, ask) {
  const { _blocks, _masks, _tokens, theme } = state,
    block = _blocks[id],
    mask = _masks[id];
  if (!block.heads || !mask) return [];
  const head = Math.min(state.head, block.heads - 1),
    numbers = ask(["head", state.selection, head]);
  if (!numbers) return [h("p", {}, words.waiting)];
  const queries = _tokens[block.tower],
    keys = block.kind === "attention" ? queries : Object.values(_tokens)[0],
    at = placeOf(state, block.tower),
    found = arithmetic(numbers, [queries.length, keys.length, block.d_k], block, at, mask[at]),
    scale = largestOf(numbers.subarray(0, (queries.length + keys.length) * block.d_k)),
    beside = vector => vector.map(number => number / scale),
    picture = pile(found.keys.map(beside), theme),
    said = weight => (weight < 0 ? words.masked : weight.toFixed(3));
  const row = ([score, scaled, weight], k) => [
    nameOf(keys[k]),
    false,
    ...(k ? [] : [picture]),
    score.toFixed(2),
    scaled.toFixed(2),
    said(weight),
    bar(weight),
  ];
  const query = h(
    "p",
    { class: "kt-query" },
    `${words.query} `,
    h("b", {}, nameOf(queries[at])),
    stripe(beside(found.q), theme),
  );
  return [query, table(words.steps, found.rows.map(row))];
}

/** The most probable tokens, or classes. */
function likely(state, id, words) {
  const { _top: top, _tokens, temperature, top_k: topK } = state,
    isLast = state._blocks[id].kind === "head" && top.names;
  if (!isLast) return [];
  const at = top.kind === "V" ? placeOf(state, top.tower) : 0,
    found = probabilities(top, at, temperature, topK),
    row = (share, i) => [nameOf(top.names[at][i]), false, share.toFixed(3), bar(share)],
    rows = found.likely.map(row),
    others = found.others ? [[words.rest, false, found.others.toFixed(3), bar(found.others)]] : [],
    title = top.kind === "V" ? [`${words.next} `, h("b", {}, nameOf(_tokens[top.tower][at]))] : [words.classes];
  return [h("p", {}, ...title), table(["", "", ""], [...rows, ...others])];
}

function counted({ parameters, macs }, { _tokens }, words) {
  const lengths = Object.values(_tokens).map(tokens => tokens.length),
    one = (number, word) => `${rounded(number)} ${word}`;
  return [
    h("p", {}, `${one(parameters, words.parameters)}, ${one(macs, words.macs)}`),
    h("small", {}, words.counted.replace("#", lengths.join(" + ") || 64)),
  ];
}

/** The panel: {node, show(state)}. */
export function panelOf({ get, set, soon, words }) {
  const title = h("p", { class: "kt-title" }),
    inside = h("div"),
    body = h("div"),
    result = h("div"),
    most = max(1, ...Object.values(get("_blocks")).map(({ heads }) => heads ?? 1)),
    options = Array.from({ length: most }, (_, head) => ({ label: head, set: { head } })),
    heads = choice(words.head, options, set),
    temperature = slider(words.temperature, "temperature", { min: 0.1, max: 2, step: 0.1 }, soon, t => t.toFixed(1)),
    topK = slider(words.top_k, "top_k", { min: 0, max: 20, step: 1 }, soon, k => k || words.all),
    sliders = h("div", { class: "kt-group" }, temperature.node, topK.node),
    node = h("div", { class: "kt-panel" }, title, body, inside, heads.node, sliders, result),
    drawn = {};

  function show(state) {
    const id = idOf(state.selection, state),
      block = state._blocks[id];
    node.hidden = !block;
    if (!block) return;
    const ask = question => {
      const key = JSON.stringify(question),
        answer = state._answers[key];
      if (answer)
        return new Float32Array(answer.buffer.slice(answer.byteOffset, answer.byteOffset + answer.byteLength));
      if (!state._wanted.includes(key)) soon({ _wanted: [key] });
      return null;
    };
    title.replaceChildren(h("b", {}, block.label), " ", h("code", {}, state.selection), ` ${block.class}`);
    body.replaceChildren(h("p", {}, words.kinds[block.kind]), ...(state.counts ? counted(block, state, words) : []));
    const scene = state._insides[id];
    if (scene) drawn[id] ??= drawing(scene, block.label);
    inside.replaceChildren(...(scene ? [drawn[id].node] : []));
    if (scene) drawn[id].show(state);
    const arithmeticOf = steps(state, id, words, ask);
    heads.node.hidden = !arithmeticOf.length;
    heads.buttons.forEach((button, head) => (button.hidden = head >= (block.heads ?? 0)));
    const answers = likely(state, id, words);
    sliders.hidden = !answers.length || state._top.kind !== "V";
    for (const one of [heads, temperature, topK]) one.show(state);
    result.replaceChildren(...arithmeticOf, ...answers, ...learned(state, block), ...passage(state, id, words));
  }
  return { node, show };
}
