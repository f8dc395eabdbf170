// SVG, which the small widgets draw with.

import { filled } from "./kit.js";

const SVG = "http://www.w3.org/2000/svg";

export const svg = (tag, attributes = {}, ...children) =>
  filled(document.createElementNS(SVG, tag), attributes, children);

/** Set some attributes of a node. */
export const change = (node, attributes) => filled(node, attributes, []);

/** A line through points [x, y]. */
export const through = points => "M" + points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L");
