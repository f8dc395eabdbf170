// The numbers of SoftmaxPlayground. Run: node --test tests/browser/softmax/playground.test.mjs

import assert from "node:assert/strict";
import { test } from "node:test";

import { factorOf, limitsOf, spreadOf } from "../../../ktlearn/widgets/softmax/playground.js";

const near = (a, b) => a.forEach((x, i) => assert.ok(Math.abs(x - b[i]) < 1e-3, `${a} is not ${b}`));

test("dividing by the root takes the width out, and not dividing leaves it in", () => {
  const at = (d_k, divided) => factorOf({ d_k, _width: 4, divided, temperature: 1 });
  near([at(4, true), at(64, true), at(1024, true)], [0.5, 0.5, 0.5]);
  near([at(4, false), at(64, false), at(1024, false)], [1, 4, 16]);
});

test("a temperature divides, and the limits are what the controls reach", () => {
  const state = { d_k: 4, _width: 4, divided: true, temperature: 4, _widths: [1, 4, 1024] },
    [low, high] = limitsOf(state);
  near([Math.log2(factorOf(state))], [low]);
  near([Math.log2(factorOf({ ...state, d_k: 1024, divided: false, temperature: 0.25 }))], [high]);
});

test("the spread counts keys", () => near([spreadOf([0.25, 0.25, 0.25, 0.25]), spreadOf([1, 0])], [4, 1]));
