// The numbers of AttentionView. What Python computes too is in ../../widgets/attention/cases.json, for both.
// Run: node --test tests/browser/attention/numbers.test.mjs

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { toggled } from "../../../ktlearn/widgets/attention/controls.js";
import { cutMap, keepMass, meanMap, pool, valueTable } from "../../../ktlearn/widgets/attention/numbers.js";
import { shader } from "../../../ktlearn/widgets/base/colours.js";

const cases = JSON.parse(readFileSync(new URL("../../widgets/attention/cases.json", import.meta.url), "utf8"));
const SPECIAL = { "-inf": -Infinity, nan: NaN };
const numbers = values => Float32Array.from(values.flat(), value => SPECIAL[value] ?? value);

/** Equal numbers, in which NaN is NaN, and -Infinity is -Infinity. */
function near(found, expected, tolerance = 1e-4) {
  assert.equal(found.length, expected.length);
  expected.forEach((value, i) => {
    const isNear = Object.is(found[i], value) || Math.abs(found[i] - value) <= tolerance;
    assert.ok(isNear, `${found} is not ${expected}`);
  });
}

for (const { name, weights, mass, expected } of cases.keep_mass) {
  test(`keepMass: ${name}`, () => near(keepMass(numbers(weights), mass), numbers(expected)));
}

for (const { name, weights, size, expected } of cases.pooled) {
  test(`pool: ${name}`, () => {
    near(pool(numbers(weights), weights.length, weights[0].length, size), numbers(expected));
  });
}

for (const { name, weights, rows, columns, expected } of cases.renormalised) {
  test(`cutMap: ${name}`, () =>
    near(cutMap(numbers(weights), weights[0].length, rows, columns, true), numbers(expected)));
}

// The browser has 255 colours for all weights, Python as many as there are: that is a difference of 2 in 255.
for (const { name, signed, top, weights, expected } of cases.shade) {
  test(`shader: ${name}`, () => {
    const colours = [...numbers(weights)].map(shader(cases.theme, signed, top));
    near(colours.flat(), expected.flat(), 2);
  });
}

const round = (values, digits = 4) => Array.from(values, value => +value.toFixed(digits));
const block = {
  offset: 0,
  layers: ["a", "b"],
  heads: ["a", "b"],
  tokens: [
    ["x", "y"],
    ["x", "y"],
  ],
  scale: 1,
};

test("a byte is a weight, a masked pair or no number", () => {
  const table = valueTable({ signed: false, scale: 2 });
  assert.deepEqual([table[0], table[253], table[254]], [0, 2, -Infinity]);
  assert.ok(Number.isNaN(table[255]));
});

test("bytes of a difference are symmetric around 126", () => {
  const table = valueTable({ signed: true, scale: 0.5 });
  assert.deepEqual(round([table[0], table[126], table[252]]), [-0.5, 0, 0.5]);
});

test("the mean map finds its layer and its heads", () => {
  const bytes = Uint8Array.from({ length: 16 }, (_, i) => i);
  const source = { bytes, table: Float32Array.from({ length: 256 }, (_, i) => i) };
  assert.deepEqual([...meanMap(source, block, 0, 1, [0])], [8, 9, 10, 11]);
  assert.deepEqual([...meanMap(source, block, 0, 1, [0, 1])], [10, 11, 12, 13]);
  assert.deepEqual([...meanMap(source, { ...block, offset: 4 }, 0, 0, [0])], [4, 5, 6, 7]);
});

test("snapshots follow each other", () => {
  const floats = Float32Array.from({ length: 32 }, (_, i) => i);
  assert.deepEqual([...meanMap({ floats }, block, 1, 1, [1])], [28, 29, 30, 31]);
});

test("heads go on and off, and one stays", () => {
  assert.deepEqual(toggled([0, 2], 1), [0, 1, 2]);
  assert.deepEqual(toggled([0, 2], 2), [0]);
  assert.deepEqual(toggled([1], 1), [1]);
});
