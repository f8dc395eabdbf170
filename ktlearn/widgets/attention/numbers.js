// The numbers of an AttentionView: pure functions, and what of them a drawing needs. Side 0 are the queries, which
// look, side 1 the keys. picture.py computes the same; tests/widgets/attention/cases.json holds both to it.

import { abs, floor, largestOf, max, min } from "../base/kit.js";

/** What each byte means: a weight, -Infinity for "may not attend" (254), or NaN (255). */
export function valueTable({ signed, scale }) {
  const table = Float32Array.from({ length: 256 }, (_, code) => (signed ? (code - 126) / 126 : code / 253) * scale);
  table.set([-Infinity, NaN], 254);
  return table;
}

/** The mean map of some heads: queries × keys numbers, from exact `floats` or from `bytes`. */
export function meanMap({ floats, bytes, table }, block, step, layer, heads) {
  const size = block.tokens[0].length * block.tokens[1].length,
    mean = new Float32Array(size);
  for (const head of heads) {
    const start = block.offset + ((step * block.layers.length + layer) * block.heads.length + head) * size;
    for (let i = 0; i < size; i++) mean[i] += (floats ? floats[start + i] : table[bytes[start + i]]) / heads.length;
  }
  return mean;
}

/** Zero all but the strongest weights that together hold the share `mass` of the row; equal ones stay together. */
export function keepMass(row, mass) {
  if (mass >= 1) return row;
  const sizes = row.map(weight => (isFinite(weight) ? abs(weight) : 0)),
    sorted = sizes.slice().sort().reverse();
  let left = mass * sizes.reduce((total, size) => total + size, 0) - 1e-6,
    count = 0;
  while (left > 0) left -= sorted[count++];
  return row.map((weight, i) => (sizes[i] >= sorted[count - 1] || !isFinite(weight) ? weight : 0));
}

/** Some rows and columns of a map `width` wide; `renormalise` makes each row sum to 1 again. */
export function cutMap(map, width, rows, columns, renormalise, mass = 1) {
  if (rows.length * columns.length === map.length && mass >= 1) return map;
  const cut = new Float32Array(rows.length * columns.length);
  rows.forEach((row, r) => {
    const weights = Float32Array.from(columns, column => map[row * width + column]);
    const sum = renormalise ? weights.reduce((total, weight) => total + max(weight, 0), 0) : 1;
    cut.set(
      keepMass(
        weights.map(weight => weight / (sum || 1)),
        mass,
      ),
      r * columns.length,
    );
  });
  return cut;
}

/** What is not a number is stronger than all, a pair that may not attend weaker. */
function strength(weight) {
  if (isNaN(weight)) return Infinity;
  return weight === -Infinity ? -1 : abs(weight);
}

/** The strongest weight of each patch of a map, which becomes `size` × `size` at most. */
export function pool(map, R, C, size) {
  const rows = min(R, size),
    columns = min(C, size),
    best = new Float32Array(rows * columns).fill(-Infinity);
  for (let r = 0, i = 0; r < R; r++) {
    const start = floor((r * rows) / R) * columns;
    for (let c = 0; c < C; c++, i++) {
      const patch = start + floor((c * columns) / C),
        more = strength(map[i]) - strength(best[patch]);
      if ((more || map[i] - best[patch]) > 0) best[patch] = map[i];
    }
  }
  return best;
}

const bytesOf = ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength);

/** The numbers of one drawing. What only Python has is asked for: `questions` are what it has not answered yet. */
export function numbersOf(state, block, lists, floats, cached) {
  const questions = [],
    [queries, keys] = lists,
    source = { floats, bytes: bytesOf(state._data), table: valueTable(block) },
    mean = (heads, layer = state.layer) => meanMap(source, block, state.step, layer, heads),
    cut = (map, rows = queries, mass = 1) =>
      cutMap(map, block.tokens[1].length, rows, keys, state.special === "remove" && !block.signed, mass),
    map = (heads = state.heads) => cached(`map ${heads} `, () => cut(mean(heads), queries, state.threshold)),
    topOf = values => (state.full_scale ? block.scale : largestOf(values));

  function ask(kind, ...place) {
    const key = JSON.stringify([kind, block.number, state.step, state.layer, ...place]),
      answer = state._answers[key];
    if (answer) return new Float32Array(bytesOf(answer).slice().buffer);
    questions.push(key);
  }

  /** The weights of a query, exact ones where they are known. */
  function row(query, heads = state.heads) {
    const exact = floats ? null : ask("row", heads, query);
    return { weights: exact ? cut(exact, [0]) : cut(mean(heads), [query]), isExact: Boolean(floats || exact) };
  }

  return {
    map,
    row,
    topOf,
    questions,
    top: () => cached("top", () => topOf(map())),
    small: (layer, head, size) => pool(cut(mean([head], layer)), queries.length, keys.length, size),
    vectors: () => ask("vectors", state.heads[0]),
  };
}
