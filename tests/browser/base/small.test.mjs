// The pure functions of the small widgets. Run: node --test tests/browser/base/small.test.mjs

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const folder = new URL("../../../ktlearn/widgets/", import.meta.url);
function load(name) {
  const code = ["base/kit.js", "base/trait_widget.js", `${name}.js`].map((file) => readFileSync(new URL(file, folder), "utf8")).join("");
  return import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`);
}
const { softmaxOf, factorOf, spreadOf, limitsOf } = await load("softmax/playground");
const { weigh, alarmsOf, presetOf } = await load("mask/painter");
const { rateOf, vectorOf, dotOf } = await load("positions/explorer");
const near = (a, b) => a.forEach((x, i) => assert.ok(Math.abs(x - b[i]) < 1e-3, `${a} is not ${b}`));

test("softmax makes the shares of lesson 01, and survives large scores", () => {
  near(softmaxOf([2, 0, 1, 1]), [0.534, 0.072, 0.197, 0.197]);
  near(softmaxOf([1000, 998]), [0.881, 0.119]);
});

test("dividing by the root takes the width out, and not dividing leaves it in", () => {
  const at = (d_k, divided) => factorOf({ d_k, _width: 4, divided, temperature: 1 });
  near([at(4, true), at(64, true), at(1024, true)], [0.5, 0.5, 0.5]);
  near([at(4, false), at(64, false), at(1024, false)], [1, 4, 16]);
});

test("a temperature divides, and the limits are what the controls reach", () => {
  const state = { d_k: 4, _width: 4, divided: true, temperature: 4, _widths: [1, 4, 1024] }, [low, high] = limitsOf(state);
  near([Math.log2(factorOf(state))], [low]);
  near([Math.log2(factorOf({ ...state, d_k: 1024, divided: false, temperature: 0.25 }))], [high]);
});

test("the spread counts keys", () => near([spreadOf([0.25, 0.25, 0.25, 0.25]), spreadOf([1, 0])], [4, 1]));

test("presets hide the padding, the future, both or nothing", () => {
  const ones = (name) => presetOf(name, 3, [2]).map((row) => row.map(Number).join("")).join(" ");
  assert.deepEqual(["none", "padding", "causal", "both"].map(ones), ["111 111 111", "110 110 110", "100 110 111", "100 110 110"]);
});

test("each way weighs in its own way, and rings its own alarms", () => {
  const scores = [[1, 1, 0, 0], [1, 2, 0, 0], [0, 0, 0, 0], [0, 1, 0, 1]], mask = presetOf("padding", 4, [2, 3]);
  const of = (way) => [weigh(scores, mask, way)[0], alarmsOf(scores, mask, way)];
  for (const [way, row, alarms] of [
    ["right", [0.5, 0.5, 0, 0], [false, false, false]],
    ["-inf", [0.5, 0.5, 0, 0], [false, false, false]],
    ["flipped", [0, 0, 0.5, 0.5], [false, true, true]],
    ["after", [0.366, 0.366, 0, 0], [true, false, true]],
    ["times", [0.366, 0.366, 0.134, 0.134], [false, true, true]],
  ]) {
    near(of(way)[0], row);
    assert.deepEqual(of(way)[1], alarms);
  }
  near(weigh(scores, mask, "axis").map((row) => row[0]), softmaxOf(scores.map((row) => row[0])));
});

test("a row that may look nowhere is even with -1e30 and no number with -∞", () => {
  const mask = [[false, false], [true, true]], scores = [[3, 0], [0, 0]];
  near(weigh(scores, mask, "right")[0], [0.5, 0.5]);
  assert.deepEqual(alarmsOf(scores, mask, "right"), [false, true, true]);
  assert.ok(weigh(scores, mask, "-inf")[0].every(Number.isNaN));
  assert.equal(alarmsOf(scores, mask, "-inf")[0], true);
});

test("positions are sines and cosines, and their dot product knows the distance only", () => {
  near([...vectorOf(1, 4)], [0.841, 0.54, 0.01, 1]);
  near([rateOf(0, 4), rateOf(1, 4)], [1, 0.01]);
  near([dotOf(vectorOf(0, 4), vectorOf(1, 4)), dotOf(vectorOf(7, 4), vectorOf(8, 4))], [1.54, 1.54]);
});
