// A scene as SVG; what its lists mean stands in scene.py. What changes with the state is brought up to date by `show`.

import { image, shader } from "../base/colours.js";
import { h, shown } from "../base/kit.js";
import { change, svg, through } from "../base/svg.js";
import { answerOf, pathOf } from "./numbers.js";

const write = (words, x, y, attributes = {}) => svg("text", { x, y, ...attributes }, words);

/** A block, or the frame of a layer, that can be opened. */
const opener = (id, name, ...nodes) =>
  svg("g", id ? { class: "kt-block", "data-id": id, tabindex: 0, role: "button", "aria-label": name } : {}, ...nodes);

const picture = (x, y, width, height) =>
  svg("image", { x, y, width, height, preserveAspectRatio: "none", class: "kt-pixels" });

/** Colours of numbers from 0, or -1, to 1; they are made once for a theme. */
const shades = new Map();
export function shadeOf(theme, isSigned) {
  const key = theme.ink + isSigned;
  if (!shades.has(key)) shades.set(key, shader(theme, isSigned, 1));
  return shades.get(key);
}

/** A canvas of numbers in an SVG, painted again when one of `of` is another. */
function put(node, of, paint) {
  if (node.seen && of.every((one, i) => one === node.seen[i])) return;
  node.seen = of;
  change(node, { href: paint().toDataURL() });
}

const HIDES = { causal: (i, j) => j > i, padding: (_, j) => j > 3, window: (i, j) => i - j > 2 };

/** A mask of five tokens, the last one padding, as a sign for its kind. */
const signOf = kind =>
  [..."01234"].map(i =>
    [..."01234"].map(j => +!Object.keys(HIDES).some(word => kind.includes(word) && HIDES[word](i, j))).join(""),
  );

const BUILD = {
  box([id, x, y, width, height, label, detail, colour], updates) {
    const middle = x + width / 2,
      isTwo = detail && height > 30,
      isSmall = width < 110,
      rect = svg("rect", { x, y, width, height, rx: 6, style: `--kt-key: var(--kt-heads-${colour})` }),
      name = write(label, middle, y + height / 2 - (isTwo ? 7 : 0), {
        class: isSmall ? "kt-name kt-little" : "kt-name",
      }),
      below = write(detail, middle, y + height / 2 + 9),
      node = opener(id, label, rect, name, ...(isTwo ? [below] : []));
    if (isTwo) updates.push(({ counts, _blocks }) => (below.textContent = counts ? countsOf(_blocks[id]) : detail));
    return node;
  },
  frame([id, x, y, width, height, label, times]) {
    const rect = svg("rect", { x, y, width, height, rx: 12, class: "kt-frame" }),
      said = write(label, x + width - 8, y + height - 10, { class: "kt-end" }),
      count = write(times ? `× ${times}` : "", x + width - 12, y + 18, { class: "kt-name kt-end" });
    return opener(id, label, rect, said, count);
  },
  add([id, x, y]) {
    const cross = through([
        [x - 4.5, y],
        [x + 4.5, y],
      ]),
      down = `M${x} ${y - 4.5}v9`;
    return opener(id, "+", svg("circle", { cx: x, cy: y, r: 9 }), svg("path", { d: cross + down }));
  },
  line([points, kind]) {
    const [[a, b], [x, y]] = points.slice(-2),
      [dx, dy] = [Math.sign(x - a), Math.sign(y - b)],
      [u, v] = [x - 6 * dx, y - 6 * dy],
      tip = `M${x} ${y}L${u - 3.2 * dy} ${v + 3.2 * dx}L${u + 3.2 * dy} ${v - 3.2 * dx}Z`,
      head = kind === "plain" ? [] : [svg("path", { d: tip, class: "kt-tip" })];
    return svg("g", { class: `kt-flow kt-${kind}` }, svg("path", { d: through(points) }), ...head);
  },
  shape([x, y, letters, isLow], updates) {
    const [first, second] = [0, 11].map(dy => write("", x, y + dy, { class: "kt-start" }));
    updates.push(({ _sizes: sizes }) => {
      const numbers = letters.map(letter => sizes[letter] ?? letter),
        isKnown = numbers.every(number => number > 0),
        said = [letters, ...(isKnown ? [numbers] : [])].map(list => `(${list.join(", ")})`);
      first.textContent = isLow ? said[0] : said.join(" = ");
      second.textContent = (isLow && said[1]) || "";
    });
    return svg("g", {}, first, second);
  },
  strip([x, y, w, height, id], updates) {
    const node = picture(x, y, w, height);
    updates.push(state => {
      const found = answerOf(state, id);
      node.toggleAttribute("hidden", !found);
      if (!found) return;
      const paint = () => image(found.row(found.at), 1, found.columns, shadeOf(state.theme, true));
      put(node, [state._data, state.theme, found.offset, found.at], paint);
    });
    return svg("g", {}, node);
  },
  mask([id, x, y, size, kind], updates) {
    const node = picture(x, y, size, size);
    updates.push(({ _masks, theme }) => {
      const rows = _masks[id] ?? signOf(kind),
        cells = [...rows.join("")].map(cell => cell * 0.7);
      put(node, [_masks, theme], () => image(cells, rows.length, rows[0].length, shadeOf(theme, false)));
    });
    const edge = svg("rect", { x, y, width: size, height: size, class: "kt-edge" });
    return svg("g", {}, node, edge, svg("title", {}, kind));
  },
  text: ([x, y, words, anchor]) => write(words, x, y, { class: `kt-${anchor}${words[1] ? " kt-words" : ""}` }),
};

/** A number for the eye: 1,234 and 5.6 M. */
export function rounded(number) {
  if (number === null) return "?";
  const unit = [[1e9, " G"], [1e6, " M"], [1e4, " k", 1e3]].find(([from]) => number >= from); // prettier-ignore
  return unit ? (number / (unit[2] ?? unit[0])).toPrecision(3) + unit[1] : number.toLocaleString("en");
}

const countsOf = ({ parameters, macs }) => `${rounded(parameters)} · ${rounded(macs)}`;

/** The picture of a scene: {node, show(state)}; `open` is called with the id of a block that was chosen. */
export function drawing({ w, h: height, shapes }, label, open = null) {
  const updates = [],
    nodes = shapes.map(([kind, ...rest]) => BUILD[kind](rest, updates)),
    role = open ? "group" : "img",
    node = svg(
      "svg",
      { viewBox: `0 0 ${w} ${height}`, width: w, class: "kt-machine", role, "aria-label": label },
      ...nodes,
    ),
    blocks = open ? [...node.querySelectorAll(".kt-block")] : [];
  if (open) node.onclick = event => open(event.target.closest(".kt-block")?.dataset.id ?? "");
  function show(state) {
    for (const update of updates) update(state);
    const { _marked: marked } = state;
    for (const one of blocks) {
      const { id } = one.dataset,
        isOpen = pathOf(id, state) === state.selection,
        isMarked = marked.includes(id);
      one.ariaPressed = isOpen;
      one.classList.toggle("kt-on", isOpen);
      one.classList.toggle("kt-marked", isMarked);
      one.classList.toggle("kt-pale", marked.length > 0 && !isMarked);
    }
  }
  return { node, show };
}

/** The name of a token. */
export const nameOf = token => h("bdi", {}, shown(token));
