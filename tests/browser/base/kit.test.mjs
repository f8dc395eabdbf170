// What all widgets use. Run: node --test tests/browser/base/kit.test.mjs

import assert from "node:assert/strict";
import { test } from "node:test";

import { inkOn } from "../../../ktlearn/widgets/base/colours.js";
import { arrowOf, clamp, largestOf, same, shown, traitsOf } from "../../../ktlearn/widgets/base/kit.js";
import { softmaxOf } from "../../../ktlearn/widgets/base/softmax.js";

test("the largest number is found among masked pairs", () => {
  assert.equal(largestOf([-Infinity, -0.5, 0.25, NaN]), 0.5);
  assert.equal(largestOf(Float32Array.of(0, 0)), 1);
});

test("what is only space becomes visible", () => {
  assert.deepEqual(["", " ", "\n", "a b", "\n\t "].map(shown), ["∅", "␣", "⏎", "a b", "⏎␣␣"]);
});

test("an arrow key goes down and to the right", () => {
  const keys = ["ArrowUp", "ArrowRight", "Enter"];
  assert.deepEqual(
    keys.map(key => arrowOf({ key })),
    [[-1, 0], [0, 1], undefined],
  );
});

test("numbers are kept between two others, and cells are the same by what they hold", () => {
  assert.deepEqual(
    [-1, 2, 9].map(x => clamp(0, x, 4)),
    [0, 2, 4],
  );
  assert.deepEqual([same([1, null], [1, null]), same([1, null], null), same(null, null)], [true, false, true]);
});

test("ink is what can be read on a colour", () => {
  const [black, white] = [
    [0, 0, 0],
    [255, 255, 255],
  ];
  assert.deepEqual([black, white].map(inkOn), ["white", "black"]);
  assert.equal(inkOn([44, 134, 186]), "black");
  assert.equal(inkOn([118, 118, 118]), "black");
  assert.equal(inkOn([110, 110, 110]), "white");
});

test("what waits to be sent is already there to be read, also when it is nothing", () => {
  const traits = { cell: [1, 2] };
  const model = { get: name => traits[name], set: (name, value) => (traits[name] = value), save_changes() {} };
  const { get, soon } = traitsOf(model);
  soon({ cell: null });
  assert.equal(get("cell"), null);
  assert.deepEqual(traits.cell, [1, 2]);
});

test("softmax makes the shares of lesson 01, and survives large scores", () => {
  const rounded = scores => softmaxOf(scores).map(share => +share.toFixed(3));
  assert.deepEqual(rounded([2, 0, 1, 1]), [0.534, 0.072, 0.197, 0.197]);
  assert.deepEqual(rounded([1000, 998]), [0.881, 0.119]);
});
