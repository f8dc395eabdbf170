// The scene: what one drawing needs.
//
// - `state`: the model's traits, as they are, and the theme;
// - `block`, `lists`, `sizes`, `isSpecial`, `at`, `pin`: what of them is to be seen: the description of the block, the
//   tokens left on each side and how many they are, whether one is special, the cells pointed at and pinned;
// - `numbers`: the weights of that, see numbers.js;
// - `pen`: the canvas, the letters and the colours to draw it with;
// - `words`, and `cached`, which keeps what is slow to make until another state is shown.

import { shader } from "../base/colours.js";
import { numbersOf } from "./numbers.js";

const SHOWN = "block view step layer heads special threshold full_scale zoom".split(" ");

/** The scene of a page, see view.js, in a state. */
export function sceneOf(page, state) {
  const { cache, canvas, get, hover, words } = page,
    { _data, _special, pinned, special, theme, view } = state,
    key = SHOWN.map(name => state[name]).join() + theme.ink;
  if (cache.size > 100 || page.data !== _data) cache.clear();
  page.data = _data;
  function cached(name, make) {
    if (!cache.has(name + key)) cache.set(name + key, make());
    return cache.get(name + key);
  }

  const block = state._blocks.find(({ name }) => name === state.block),
    isSpecial = (side, i) => special !== "show" && _special.includes(block.tokens[side][i]),
    lists = block.tokens.map((tokens, side) =>
      [...tokens.keys()].filter(i => special !== "remove" || !isSpecial(side, i)),
    ),
    sizes = lists.map(list => list.length),
    isGrid = view === "grid", // there a cell is a layer and a head
    seen = cell => (cell ?? [null, null]).map((i, side) => (isGrid || lists[side].includes(i) ? i : null)),
    [pin, at] = [pinned, hover ?? (isGrid ? null : pinned)].map(seen),
    numbers = numbersOf(state, block, lists, get("_floats"), cached),
    shade = (top = numbers.top()) => shader(theme, block.signed, top),
    pen = { g: canvas.getContext("2d"), family: getComputedStyle(canvas).fontFamily, theme, shade };
  return { state, block, lists, sizes, isSpecial, at, pin, numbers, pen, words, cached };
}
