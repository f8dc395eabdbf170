// The numbers of MaskPainter. Run: node --test tests/browser/mask/painter.test.mjs

import assert from "node:assert/strict";
import { test } from "node:test";

import { alarmsOf, presetOf, weigh } from "../../../ktlearn/widgets/mask/painter.js";
import { softmaxOf } from "../../../ktlearn/widgets/base/softmax.js";

const near = (a, b) => a.forEach((x, i) => assert.ok(Math.abs(x - b[i]) < 1e-3, `${a} is not ${b}`));

test("presets hide the padding, the future, both or nothing", () => {
  const ones = name =>
    presetOf(name, 3, [2])
      .map(row => row.map(Number).join(""))
      .join(" ");
  assert.deepEqual(["none", "padding", "causal", "both"].map(ones), [
    "111 111 111",
    "110 110 110",
    "100 110 111",
    "100 110 110",
  ]);
});

test("each way weighs in its own way, and rings its own alarms", () => {
  const scores = [
      [1, 1, 0, 0],
      [1, 2, 0, 0],
      [0, 0, 0, 0],
      [0, 1, 0, 1],
    ],
    mask = presetOf("padding", 4, [2, 3]);
  const of = way => [weigh(scores, mask, way)[0], alarmsOf(scores, mask, way)];
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
  near(
    weigh(scores, mask, "axis").map(row => row[0]),
    softmaxOf(scores.map(row => row[0])),
  );
});

test("a row that may look nowhere is even with -1e30 and no number with -∞", () => {
  const mask = [
      [false, false],
      [true, true],
    ],
    scores = [
      [3, 0],
      [0, 0],
    ];
  near(weigh(scores, mask, "right")[0], [0.5, 0.5]);
  assert.deepEqual(alarmsOf(scores, mask, "right"), [false, true, true]);
  assert.ok(weigh(scores, mask, "-inf")[0].every(Number.isNaN));
  assert.equal(alarmsOf(scores, mask, "-inf")[0], true);
});
