// The numbers of a text in a ModelView: pure functions of the state. packing.py says how they come.

import { clamp, max } from "../base/kit.js";

/** The path of a block for its id: the layer shown takes the place of #0, the first group's sign, and so on. */
export const pathOf = (id, { layer, _groups }) =>
  id.replace(/#(\d+)/, (_, n) => clamp(_groups[n].first, layer, _groups[n].first + _groups[n].count - 1));

/** The id of a block for its path. */
export function idOf(path, { _groups }) {
  const signs = _groups.map(({ prefix, first, count }) => {
    const start = prefix.slice(0, prefix.lastIndexOf("[") + 1),
      [number, ...rest] = path.startsWith(start) ? path.slice(start.length).split("]") : [],
      isOne = number >= first && number < first + count;
    return isOne && prefix + rest.join("]");
  });
  return signs.find(Boolean) ?? path;
}

/** The trait that says which token of a tower is shown. */
export const traitOf = (state, tower) => (Object.keys(state._tokens).indexOf(tower) ? "target" : "token");

/** The token of a tower that is shown. */
export const placeOf = (state, tower) => clamp(0, state[traitOf(state, tower)], state._tokens[tower]?.length - 1);

/** The tower of a block, of what is told beside it (see facts.py), or of what comes into a tower. */
const towerOf = (state, id) => state._blocks[idOf(id, state).replace(/ (<|added|inside|γ|β)$/, "")]?.tower ?? id;

/**
 * What a block answered: its rows, from -1 to 1 beside the number with the strongest colour, `scale`, and which row is
 * shown; undefined without a text.
 */
export function answerOf(state, id) {
  const entry = state._table[pathOf(id, state)];
  if (!entry) return undefined;
  const [offset, rows, columns, scale] = entry,
    { _data: data } = state,
    row = i => Float32Array.from({ length: columns }, (_, j) => (data.getUint8(offset + i * columns + j) - 126) / 126);
  return { offset, rows, columns, scale, row, at: clamp(0, placeOf(state, towerOf(state, id)), rows - 1) };
}

/** What one query does in one head: [q · k, scaled, weight] for each key; a weight of -1 may not look. */
export function arithmetic(numbers, [Lq, Lk, d], { scale, biased }, row, allowed) {
  const at = (start, i) => numbers.subarray((start + i) * d, (start + i + 1) * d),
    q = at(0, row),
    bias = k => (biased ? numbers[(Lq + Lk) * d + row * Lk + k] : 0),
    keys = Array.from({ length: Lk }, (_, k) => at(Lq, k)),
    scores = keys.map(key => q.reduce((sum, x, j) => sum + x * key[j], 0)),
    scaled = scores.map((score, k) => score * scale + bias(k)),
    may = k => allowed[k] === "1",
    top = max(...scaled.filter((_, k) => may(k))),
    powers = scaled.map((score, k) => (may(k) ? Math.exp(score - top) : 0)),
    sum = powers.reduce((total, power) => total + power, 0);
  return { q, keys, rows: scores.map((score, k) => [score, scaled[k], may(k) ? powers[k] / sum : -1]) };
}

/** Probabilities of the best tokens at a position, and of all others together, at a temperature. */
export function probabilities({ logits, rest }, position, temperature, topK) {
  const scaled = logits[position].slice(0, topK || undefined).map(logit => logit / temperature),
    others = rest[position]?.[Math.round(temperature * 10) - 1],
    top = scaled[0],
    powers = scaled.map(logit => Math.exp(logit - top)),
    left = topK || others === undefined ? 0 : Math.exp(others - top),
    sum = powers.reduce((total, power) => total + power, left);
  return { likely: powers.map(power => power / sum), others: left / sum };
}
