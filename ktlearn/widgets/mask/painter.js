// MaskPainter in the browser: a mask to paint, and beside it the weights that it leaves.

const BIG = 1e30, mapped = (mask, value) => mask.map((row, i) => row.map((may, j) => value(may, i, j)));
const turned = (rows) => rows[0].map((_, j) => rows.map((row) => row[j]));

const softmaxRows = (rows) => rows.map((row) => {
  const top = max(...row), e = row.map((x) => Math.exp(x - top)), sum = e.reduce((total, x) => total + x, 0);
  return e.map((x) => x / sum);
});

/** The weights for scores and a mask, used in one of the six ways; see mask.py. */
export function weigh(scores, mask, way) {
  const scored = (value) => mapped(mask, (may, i, j) => value(may, scores[i][j]));
  if (way === "after") return mapped(softmaxRows(scores), (weight, i, j) => weight * mask[i][j]);
  if (way === "times") return softmaxRows(scored((may, score) => score * may));
  if (way === "axis") return turned(softmaxRows(turned(scored((may, score) => (may ? score : -BIG)))));
  const far = way === "-inf" ? -Infinity : -BIG;
  return softmaxRows(scored((may, score) => (may !== (way === "flipped") ? score : far)));
}

const near = (a, b) => abs(a - b) < 1e-6 || (Number.isNaN(a) && Number.isNaN(b));

/** True for each invariant that is broken: row sums, hidden weight, hidden influence. */
export function alarmsOf(scores, mask, way) {
  const weights = weigh(scores, mask, way), sums = weights.map((row) => row.reduce((total, w) => total + w, 0));
  const hidden = mapped(mask, (may, i, j) => !may && !near(weights[i][j], 0)).flat().some(Boolean);
  const isHeard = mask.some((row, q) => {
    const other = weigh(mapped(mask, (may, i, j) => scores[i][j] + (i === q && may ? 0 : 1)), mask, way)[q];
    return other.some((weight, j) => !near(weight, weights[q][j]));
  });
  return [sums.some((sum) => !near(sum, 1)), hidden, hidden || isHeard];
}

/** The mask of a preset: "none", "padding", "causal" or "both". */
export const presetOf = (name, size, pads) => Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) =>
  (name === "none" || name === "causal" || !pads.includes(j)) && (name === "none" || name === "padding" || j <= i)));

function render(context) {
  return frame(context, "mask", ({ get, set, soon, words, redraw }) => {
    const tokens = get("_tokens"), size = tokens.length, pads = get("_pads");
    let paint = null, at = get("cell");
    const controls = [
      choice(words.presets, Object.entries(words.preset).filter(([name]) => pads.length || name === "none" || name === "causal")
        .map(([name, label]) => [label, () => ({ allowed: presetOf(name, size, pads) })]), set),
      choice(words.ways, Object.entries(words.way).map(([way, [label]]) => [label, () => ({ way })]), set),
    ];
    const name = (i) => h("bdi", { title: tokens[i] }, shown(tokens[i]));
    const isLong = max(...tokens.map((token) => [...shown(token)].length)) > 5;

    /** A table of cells; `button` says whether the tokens change a whole row or column. */
    function grid(title, button, more) {
      const cells = tokens.map((_, i) => tokens.map((_, j) =>
        h("td", { role: "gridcell", tabindex: -1, "data-cell": `${i},${j}`, onfocus: () => point([i, j]) })));
      const head = (i, side) => h("th", { scope: side ? "col" : "row", class: side && isLong ? "kt-tall" : "" }, button ?
        h("button", { name: `${words[side ? "column" : "row"]} ${i}`, "aria-label": `${words[side ? "column" : "row"]} ${shown(tokens[i])}`,
          onclick: () => flip(i, side) }, name(i)) : name(i));
      const node = h("table", { role: "grid", "aria-label": title, onpointerdown: start, onpointerover: over, onkeydown: press,
        onpointerleave: () => point(null) }, h("caption", {}, title),
        h("thead", {}, h("tr", {}, h("td"), ...tokens.map((_, j) => head(j, 1)), ...more.slice(0, 1).map((word) => h("th", { scope: "col" }, word)))),
        h("tbody", {}, ...cells.map((row, i) => h("tr", {}, head(i, 0), ...row, ...more.slice(1).map((column) => column[i])))));
      return { node, cells, title: node.firstChild };
    }
    const sums = tokens.map(() => h("td", { class: "kt-sum" }));
    const left = grid(words.mask, true, []), right = grid(words.weights, false, [words.sum, sums]);
    const alarms = words.alarms.map((word) => h("span", { class: "kt-alarm" }, word));

    const may = (i, j) => get("allowed")[i][j];
    const cellOf = (e) => e.target.closest?.("[data-cell]")?.dataset.cell.split(",").map(Number) ?? null;
    function put(value, isIn) {
      soon({ allowed: mapped(get("allowed"), (may, i, j) => (isIn(i, j) ? value : may)) });
      redraw();
    }
    function flip(i, side) {
      const isIn = (...spot) => spot[side] === i, isOn = get("allowed").flat().some((may, n) => may && isIn(floor(n / size), n % size));
      put(!isOn, isIn);
    }
    function start(e) {
      const spot = cellOf(e);
      if (!spot || !left.node.contains(e.target)) return;
      paint = !may(...spot);
      addEventListener("pointerup", () => (paint = null), { once: true });
      put(paint, (i, j) => same([i, j], spot));
    }
    function over(e) {
      const spot = cellOf(e);
      point(spot);
      if (spot && paint !== null && e.buttons) put(paint, (i, j) => same([i, j], spot));
    }
    function point(spot) {
      if (same(at, spot)) return;
      at = spot;
      soon({ cell: at });
      redraw();
    }
    function press(e) {
      const spot = cellOf(e), by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[e.key];
      if (!spot || !(by || [" ", "Enter"].includes(e.key))) return;
      e.preventDefault();
      const table = e.currentTarget === left.node ? left : right, [i, j] = spot.map((n, side) => clamp(0, n + (by?.[side] ?? 0), size - 1));
      if (by) table.cells[i][j].focus();
      else if (table === left) put(!may(i, j), (...cell) => same(cell, spot));
    }

    function draw(s) {
      const mask = s.allowed, weights = weigh(s._scores, mask, s.way), broken = alarmsOf(s._scores, mask, s.way), shade = shader(s.theme, false, 1);
      const says = (i, j) => `${shown(tokens[i])} ${words[mask[i][j] ? "may" : "may not"]} ${shown(tokens[j])}`;
      const number = (x, digits) => (Number.isNaN(x) ? "nan" : x.toFixed(digits));
      right.title.textContent = `${words.weights}: ${words.way[s.way][0]}`;
      mapped(mask, (isOpen, i, j) => {
        const weight = weights[i][j], isBlank = !isOpen && weight === 0, rgb = isBlank ? null : shade(weight), [a, b] = [left.cells[i][j], right.cells[i][j]];
        a.textContent = isOpen ? "1" : "0";
        a.className = isOpen ? "kt-open" : "kt-shut";
        b.textContent = weight < 0.005 ? "" : number(weight, 2);
        b.className = isBlank ? "kt-shut" : !isOpen && weight > 5e-4 ? "kt-leak" : "";
        b.style.cssText = rgb ? `background: rgb(${rgb}); color: ${inkOn(rgb)}` : "";
        for (const cell of [a, b]) {
          cell.setAttribute("aria-label", `${says(i, j)}${cell === a ? "" : `, ${words.weight} ${number(weight, 2)}`}`);
          cell.tabIndex = same(at ?? [0, 0], [i, j]) ? 0 : -1;
          cell.classList.toggle("kt-at", same(at, [i, j]));
        }
      });
      weights.forEach((row, i) => {
        const sum = row.reduce((total, w) => total + w, 0);
        sums[i].textContent = number(sum, 2);
        sums[i].classList.toggle("kt-wrong", !(abs(sum - 1) < 5e-4));
      });
      alarms.forEach((node, i) => {
        node.textContent = `${broken[i] ? "✗" : "✓"} ${words.alarms[i]}`;
        node.classList.toggle("kt-wrong", broken[i]);
      });
      const nowhere = [...mask.keys()].filter((i) => !mask[i].includes(true)).map((i) => shown(tokens[i]).slice(0, 40)).join(", ");
      const live = at ? [name(at[0]), ` ${words[mask[at[0]][at[1]] ? "may" : "may not"]} `, name(at[1]), `: ${words.weight} `,
        h("b", {}, Number.isNaN(weights[at[0]][at[1]]) ? words["not a number"] : weights[at[0]][at[1]].toFixed(3))] : [words.hint];
      return { live, notes: [words.way[s.way][1], nowhere && `${nowhere} ${words.nowhere}`, words.aid] };
    }
    context.model.on("change:cell", () => (at = get("cell")));
    return { controls, parts: [left.node, right.node, h("div", { class: "kt-alarms" }, ...alarms)], draw };
  });
}

export default { render };
