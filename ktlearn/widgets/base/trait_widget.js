// The frame of the small widgets, with the style that they share: see frame.js for `make`.

import { frame } from "./frame.js";

export const renderer = (kind, make) => context => frame(context, `kt-small kt-${kind}`, make);
