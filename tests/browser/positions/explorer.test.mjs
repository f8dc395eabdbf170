// The numbers of PositionExplorer. Run: node --test tests/browser/positions/explorer.test.mjs

import assert from "node:assert/strict";
import { test } from "node:test";

import { dotOf, rateOf, vectorOf } from "../../../ktlearn/widgets/positions/explorer.js";

const near = (a, b) => a.forEach((x, i) => assert.ok(Math.abs(x - b[i]) < 1e-3, `${a} is not ${b}`));

test("positions are sines and cosines, and their dot product knows the distance only", () => {
  near([...vectorOf(1, 4)], [0.841, 0.54, 0.01, 1]);
  near([rateOf(0, 4), rateOf(1, 4)], [1, 0.01]);
  near([dotOf(vectorOf(0, 4), vectorOf(1, 4)), dotOf(vectorOf(7, 4), vectorOf(8, 4))], [1.54, 1.54]);
});
