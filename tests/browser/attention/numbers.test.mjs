// The pure functions of attention/view.js and base/kit.js. Run: node --test tests/browser/attention/numbers.test.mjs

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const folder = new URL("../../../ktlearn/widgets/", import.meta.url);
const code = ["base/kit.js", "attention/view.js"].map((file) => readFileSync(new URL(file, folder), "utf8")).join("");
const { valueTable, meanMap, keepMass, cutMap, pool, toggled, largestOf, shown, shader } = await import(
  `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`
);
const round = (values, digits = 4) => Array.from(values, (value) => +value.toFixed(digits));
const block = { offset: 0, layers: ["a", "b"], heads: ["a", "b"], tokens: [["x", "y"], ["x", "y"]], scale: 1 };

test("a byte is a weight, a masked pair or no number", () => {
  const table = valueTable(false, 2);
  assert.deepEqual([table[0], table[253], table[254]], [0, 2, -Infinity]);
  assert.ok(Number.isNaN(table[255]));
});

test("bytes of a difference are symmetric around 126", () => {
  const table = valueTable(true, 0.5);
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

test("a threshold keeps the strongest weights that hold the mass", () => {
  assert.deepEqual(round(keepMass(Float32Array.of(0.5, 0.3, 0.15, 0.05), 0.8)), [0.5, 0.3, 0, 0]);
  assert.deepEqual(round(keepMass(Float32Array.of(0.5, 0.3, 0.15, 0.05), 0.81)), [0.5, 0.3, 0.15, 0]);
  assert.deepEqual(round(keepMass(Float32Array.of(0.25, 0.25, 0.25, 0.25), 0.3)), [0.25, 0.25, 0.25, 0.25]);
});

test("a threshold counts differences by size and leaves masked pairs", () => {
  assert.deepEqual(round(keepMass(Float32Array.of(-0.6, 0.3, 0.1), 0.5)), [-0.6, 0, 0]);
  assert.deepEqual([...keepMass(Float32Array.of(-Infinity, 1, 0), 0.5)], [-Infinity, 1, 0]);
});

test("removed tokens leave rows that sum to 1", () => {
  const map = Float32Array.of(0.5, 0.1, 0.4, 0.2, 0.6, 0.2, 0.1, 0.3, 0.6);
  assert.deepEqual(round(cutMap(map, 3, [1, 2], [1, 2], true)), [0.75, 0.25, 0.3333, 0.6667]);
  assert.deepEqual(round(cutMap(map, 3, [1], [1, 2], false)), [0.6, 0.2]);
});

test("a row of nothing stays nothing", () => {
  assert.deepEqual([...cutMap(Float32Array.of(1, 0, 0), 3, [0], [1, 2], true)], [0, 0]);
});

test("a pooled map shows the largest of each patch, sign apart", () => {
  const map = new Float32Array(24);
  map[0] = -0.5;
  map[23] = 1;
  const [values, h, w] = pool(map, 6, 4, 2);
  assert.deepEqual([[...values], h, w], [[-0.5, 0, 0, 1], 2, 2]);
  assert.deepEqual(pool(map, 6, 4, 10).slice(1), [6, 4]);
});

test("masked pairs do not hide what is beside them", () => {
  const [values] = pool(Float32Array.of(-Infinity, 0.2, -Infinity, -Infinity), 2, 2, 1);
  assert.deepEqual(round(values), [0.2]);
});

test("heads go on and off, and one stays", () => {
  assert.deepEqual(toggled([0, 2], 1), [0, 1, 2]);
  assert.deepEqual(toggled([0, 2], 2), [0]);
  assert.deepEqual(toggled([1], 1), [1]);
});

test("the largest number is found among masked pairs", () => {
  assert.equal(largestOf([-Infinity, -0.5, 0.25, NaN]), 0.5);
  assert.equal(largestOf([0, 0]), 1);
});

test("what is only space becomes visible", () => {
  assert.deepEqual(["", " ", "\n", "a b", "\t "].map(shown), ["∅", "␣", "⏎", "a b", "␣␣"]);
});

test("colours go from the paper to the strongest ink, and differences have two sides", () => {
  const theme = { weights: ["#ffffff", "#000000"], signed: ["#ff0000", "#ffffff", "#0000ff"], masked: "#010203", nan: "#040506" };
  const weights = shader(theme, false, 0.5), signed = shader(theme, true, 1);
  assert.deepEqual([0, 0.5, 2].map(weights), [[255, 255, 255], [0, 0, 0], [0, 0, 0]]);
  assert.deepEqual([-1, 1].map(signed), [[255, 0, 0], [0, 0, 255]]);
  assert.deepEqual([-Infinity, NaN].map(weights), [[1, 2, 3], [4, 5, 6]]);
});
