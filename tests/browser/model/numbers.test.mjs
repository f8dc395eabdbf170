// The numbers of ModelView. Run: node --test tests/browser/model/numbers.test.mjs

import assert from "node:assert/strict";
import { test } from "node:test";

import { answerOf, arithmetic, idOf, pathOf, probabilities } from "../../../ktlearn/widgets/model/numbers.js";

const state = {
  layer: 2,
  _groups: [
    { prefix: "encoder.layers[#0]", first: 0, count: 4 },
    { prefix: "decoder.layers[#1]", first: 0, count: 2 },
  ],
};

test("an id and the path of the layer shown belong together", () => {
  assert.equal(pathOf("encoder.layers[#0].attention", state), "encoder.layers[2].attention");
  assert.equal(pathOf("decoder.layers[#1] <", state), "decoder.layers[1] <");
  assert.equal(idOf("encoder.layers[3].attention + x", state), "encoder.layers[#0].attention + x");
  assert.equal(idOf("encoder.layers[4].attention", state), "encoder.layers[4].attention");
  assert.equal(idOf("embeddings.tokens", state), "embeddings.tokens");
});

test("an answer has its rows, beside the number with the strongest colour, and knows which one is shown", () => {
  const data = new DataView(new ArrayBuffer(4)); // two rows of two bytes
  [126, 252, 0, 63].forEach((byte, i) => data.setUint8(i, byte));
  const passage = {
    ...state,
    token: 1,
    _data: data,
    _table: { "encoder.layers[2] <": [0, 2, 2, 3.0] },
    _tokens: { encoder: ["she", "won"] },
    _blocks: { "encoder.layers[#0]": { tower: "encoder" } },
  };
  const found = answerOf(passage, "encoder.layers[#0] <");
  assert.deepEqual([...found.row(0), ...found.row(1)], [0, 1, -1, -0.5]);
  assert.deepEqual([found.scale, found.at], [3, 1]);
  assert.equal(answerOf({ ...passage, _table: {} }, "encoder.layers[#0] <"), undefined);
});

test("what is told beside a block has the token of its tower, too", () => {
  const at = name =>
    answerOf(
      {
        ...state,
        token: 1,
        target: 2,
        _data: new DataView(new ArrayBuffer(8)),
        _table: { [`positions (target) ${name}`]: [0, 4, 2, 1] },
        _tokens: { encoder: ["she", "won"], decoder: ["sie", "hat", "ge", "wonnen"] },
        _blocks: { "positions (target)": { tower: "decoder" } },
      },
      `positions (target) ${name}`,
    ).at;
  assert.deepEqual(["added", "inside", "<"].map(at), [2, 2, 2]);
});

test("a query meets every key that it may look at", () => {
  const numbers = Float32Array.from([1, 2, 1, 0, 0, 1, 1, 1]), // one query, three keys, d_k = 2
    { rows } = arithmetic(numbers, [1, 3, 2], { scale: 0.5 }, 0, "110"),
    total = Math.exp(0.5) + Math.exp(1);
  assert.deepEqual(
    rows.map(row => row[0]),
    [1, 2, 3],
  );
  assert.deepEqual(
    rows.map(row => row[1]),
    [0.5, 1, 1.5],
  );
  assert.ok(Math.abs(rows[0][2] - Math.exp(0.5) / total) < 1e-6);
  assert.equal(rows[2][2], -1);
});

test("what is added to the scores is added after the scale", () => {
  const numbers = Float32Array.from([2, 3, 4, 10, 20]), // one query, two keys, d_k = 1, and two numbers to add
    { rows } = arithmetic(numbers, [1, 2, 1], { scale: 1, biased: true }, 0, "11");
  assert.deepEqual(
    rows.map(row => row[1]),
    [16, 28],
  );
});

test("probabilities follow temperature and top k", () => {
  const top = { logits: [[2, 1, 0]], rest: [Array.from({ length: 20 }, () => 1)] },
    e = Math.exp;
  const all = probabilities(top, 0, 1, 0);
  assert.ok(Math.abs(all.likely[0] - e(2) / (e(2) + 2 * e(1) + 1)) < 1e-6);
  assert.ok(Math.abs(all.others - e(1) / (e(2) + 2 * e(1) + 1)) < 1e-6);
  const two = probabilities(top, 0, 2, 2);
  assert.deepEqual([two.likely.length, two.others], [2, 0]);
  assert.ok(Math.abs(two.likely[0] - e(1) / (e(1) + e(0.5))) < 1e-6);
});
