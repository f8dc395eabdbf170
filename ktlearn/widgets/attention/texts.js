// Two texts of a scene, and the sentence under each view. They answer DOM nodes; one with data-side and data-token can
// be pointed at.

import { inkOn, shader } from "../base/colours.js";
import { abs, h, largestOf, max, shown } from "../base/kit.js";

const name = (tokens, i) => h("bdi", {}, shown(tokens[i]));

function tokenRow({ block, lists, words, cached }, side, chosen, weights, shade) {
  const tokens = block.tokens[side],
    list = lists[side],
    token = i => h("bdi", { class: "kt-token", "data-side": side, "data-token": i }, shown(tokens[i])),
    title = () => h("small", {}, words.sides[block.square ? 2 : side]),
    row = cached(`tokens ${side}`, () => h("p", { class: "kt-strip" }, title(), ...list.map(token)));
  list.forEach((i, n) => {
    const node = row.children[n + 1],
      rgb = weights && shade(weights[n]);
    node.style.cssText = rgb ? `background: rgb(${rgb}); color: ${inkOn(rgb)}` : "";
    node.classList.toggle("kt-chosen", i === chosen);
  });
  return row;
}

function strip(scene) {
  const { at, block, numbers, pen } = scene,
    [queries, keys] = scene.lists,
    map = numbers.map(),
    C = keys.length,
    r = queries.indexOf(at[0]),
    mean = (_, c) => queries.reduce((sum, _, i) => sum + max(map[i * C + c], 0) / queries.length, 0),
    weights = r < 0 ? keys.map(mean) : map.subarray(r * C, (r + 1) * C),
    shade = pen.shade(numbers.topOf(weights));
  if (block.square) return [tokenRow(scene, 0, at[0], weights, shade)];
  return [tokenRow(scene, 0, at[0]), tokenRow(scene, 1, at[1], weights, shade)];
}

function steps(scene) {
  const { at, block, lists, numbers, words, cached } = scene,
    query = at[0] ?? lists[0][0],
    choice = tokenRow(scene, 0, query),
    vectors = block.vectors && numbers.vectors();
  if (!vectors) return [choice, h("p", {}, words[block.vectors ? "waiting" : "missing"])];
  const { weights } = numbers.row(query, scene.state.heads.slice(0, 1));
  return [choice, cached(`steps ${query} ${at[1]} ${weights}`, () => table(scene, query, vectors, weights))];
}

/** From the query and the keys to the weights, a row for each key; `vectors` are first the queries', then the keys'. */
function table({ at, block, lists, pen, words }, query, vectors, weights) {
  const { vectors: d, tokens } = block,
    vector = i => vectors.subarray(i * d, (i + 1) * d),
    q = vector(query),
    shade = shader(pen.theme, true, largestOf(vectors)),
    stripe = (value, i) => `rgb(${shade(value)}) ${(i * 100) / d}% ${((i + 1) * 100) / d}%`,
    stripes = x => `background: linear-gradient(90deg, ${Array.from(x, stripe)})`,
    picture = x => h("div", { class: "kt-vector", style: stripes(x) }),
    row = (attributes, title, ...cells) =>
      h("tr", attributes, h("th", {}, title), ...cells.map(cell => h("td", {}, cell))),
    [title, ...titles] = words.table.map(words => words.replace("#", d));

  function line(k, i) {
    const key = vector(tokens[0].length + k),
      score = q.reduce((sum, x, j) => sum + x * key[j], 0),
      weight = weights[i] < 0 ? words.masked : weights[i].toFixed(3),
      bar = h("div", { class: "kt-bar", style: `width: ${max(0, weights[i]) * 100}%` }),
      attributes = { "data-side": 1, "data-token": k, class: k === at[1] ? "kt-chosen" : "" };
    const cells = [picture(key), score.toFixed(2), (score / d ** 0.5).toFixed(2), weight, bar];
    return row(attributes, name(tokens[1], k), ...cells);
  }
  return h("table", {}, row({}, title, picture(q)), row({}, ...titles), ...lists[1].map(line));
}

export const TEXTS = { strip, steps };

/** The current cell, row or column in words. */
export function sentence({ state, at, block, lists, numbers, words }) {
  const [row, column] = at,
    [queries, keys] = lists,
    token = (side, i) => name(block.tokens[side], i);
  if (row === null && column === null) return [words.hint];
  if (state.view === "grid") return [`${block.layers[row]}, ${block.heads[column]}`];
  const heads = state.heads.map(head => block.heads[head]).join(", "),
    start = `${block.layers[state.layer]}, ${state.heads[1] ? words.mean : ""}${heads}: `;

  if (row !== null && column !== null) {
    const { weights, isExact } = numbers.row(row),
      weight = weights[keys.indexOf(column)],
      number = isExact ? weight.toFixed(3) : `≈ ${weight.toFixed(2)}`,
      said = weight === -Infinity ? words.masked : number;
    return [start, token(0, row), " → ", token(1, column), " ", h("b", {}, said)];
  }

  // What the query looks at most, or who looks most at the key.
  const side = row === null ? 0 : 1,
    first = side ? queries.indexOf(row) * keys.length : keys.indexOf(column),
    map = numbers.map(),
    weight = n => map[first + n * (side ? 1 : keys.length)],
    found = [...lists[side].keys()].filter(n => isFinite(weight(n))).sort((a, b) => abs(weight(b)) - abs(weight(a))),
    best = found.slice(0, 3).flatMap(n => [" ", token(side, lists[side][n]), ` ${weight(n).toFixed(2)}`]);
  return [start, token(1 - side, row ?? column), words.most[side], ...best];
}
