// Three pictures of a scene. Each answers {width, height, axes, draw(box)}; `box` is the part in sight, {x, y, w, h}.
// An axis says where a side's tokens stand, along x or y: the n-th of `list` takes `pitch` pixels from
// start + n · pitch. Where it has `from` or `to`, an x, nothing is hit beyond.

import { image, inkOn } from "../base/colours.js";
import { abs, ceil, clamp, floor, max, min, round, shown } from "../base/kit.js";

/** One line of text, cut after 24 letters and squeezed into `width`. */
function write({ g, family, theme }, token, x, y, { align, size, colour = theme.ink, isBold, width }) {
  const font = `${isBold ? 600 : 400} ${size}px ${family}`;
  Object.assign(g, { font, textAlign: align, textBaseline: "middle", fillStyle: colour });
  const letters = [...shown(token)];
  if (letters.length > 24) letters.splice(23, letters.length, "…");
  g.fillText(letters.join(""), x, y, width);
}

function outline({ g }, x, y, w, h, colour, line = 1) {
  Object.assign(g, { strokeStyle: colour, lineWidth: line });
  g.strokeRect(x - line / 2, y - line / 2, w + line, h + line);
}

/** The size of letters `pitch` pixels apart, and how wide both sides are; `few` where nothing is written. */
function letters({ block, lists, pen: { g, family } }, pitch, few) {
  const size = clamp(9, pitch - 2, 13);
  g.font = `600 ${size}px ${family}`;
  const wide = tokens => i => g.measureText(shown(tokens[i]).slice(0, 24)).width,
    widest = (list, side) => min(150, ceil(max(0, ...list.map(wide(block.tokens[side])))));
  return [size, ...(pitch < 10 ? [few, few] : lists.map(widest))];
}

const tokenAxes = ({ block, lists }, pitch, places) =>
  places.map((place, side) => ({ ...place, pitch, side, list: lists[side], names: block.tokens[side] }));

/** The names along an axis, `beside` it. */
function label({ at, isSpecial, pen }, box, { along, start, pitch, side, list, names }, beside, style) {
  const { g, theme } = pen;
  list.forEach((i, n) => {
    const place = start + (n + 0.5) * pitch - box[along],
      isBold = i === at[side];
    if (place < start || !(pitch >= 10 || isBold)) return;
    g.save();
    g.translate(...(along === "x" ? [place, beside] : [beside, place]));
    g.rotate(style.angle ?? 0);
    write(pen, names[i], 0, 0, { colour: isSpecial(side, i) ? theme.faint : theme.ink, ...style, isBold });
    g.restore();
  });
}

/** Paint what scrolls, to the right of `left` and below `top`. */
function inside({ pen: { g } }, box, left, top, paint) {
  g.save();
  g.beginPath();
  g.rect(left - 3, top - 3, box.w, box.h);
  g.clip();
  g.translate(-box.x, -box.y);
  g.imageSmoothingEnabled = false;
  paint();
  g.restore();
}

function heatmap(scene) {
  const { state, at, pin, lists, sizes, isSpecial, numbers, pen, cached } = scene,
    { g, theme } = pen,
    [R, C] = sizes,
    values = numbers.map(),
    shade = pen.shade(),
    cell = state.zoom * clamp(2, floor(520 / max(R, C)), 44),
    [size, before, above] = letters(scene, cell, 60),
    angle = above + 8 <= cell ? 0 : -1.1,
    left = before + 16,
    top = ceil(above * Math.sin(-angle)) + 26,
    [rows, columns] = tokenAxes(scene, cell, [
      { along: "y", start: top },
      { along: "x", start: left },
    ]),
    place = (r, c) => [left + c * cell, top + r * cell],
    isDim = i => state.special === "dim" && (isSpecial(0, lists[0][floor(i / C)]) || isSpecial(1, lists[1][i % C])),
    map = cached("heatmap", () => image(values, R, C, shade, i => (isDim(i) ? 60 : 255)));

  function writeNumber(value, i) {
    if (abs(value) < 0.005) return;
    const text = value === -Infinity ? "–" : value.toFixed(2),
      colour = isDim(i) ? theme.faint : inkOn(shade(value));
    write(pen, text, ...place(floor(i / C) + 0.5, (i % C) + 0.5), { size: 11, align: "center", colour });
  }
  function frame(spot) {
    const [r, c] = spot.map((i, side) => lists[side].indexOf(i));
    if (r < 0 && c < 0) return;
    outline(pen, ...place(max(r, 0), max(c, 0)), c < 0 ? C * cell : cell, r < 0 ? R * cell : cell, theme.accent, 2);
  }
  function draw(box) {
    inside(scene, box, left, top, () => {
      g.drawImage(map, left, top, C * cell, R * cell);
      outline(pen, left, top, C * cell, R * cell, theme.rule);
      if (cell >= 34) values.forEach(writeNumber);
      frame(at);
      frame(pin);
    });
    label(scene, box, rows, left - 8, { size, align: "right", width: before });
    label(scene, box, columns, top - 9, { size, align: angle ? "left" : "center", width: above, angle });
  }
  return {
    width: left + C * cell + (angle && above * 0.5) + 8,
    height: top + R * cell + 8,
    axes: [rows, columns],
    draw,
  };
}

function lines(scene) {
  const { state, at, block, lists, sizes, numbers, pen, words, cached } = scene,
    { g, theme } = pen,
    many = max(...sizes),
    top = 30,
    pitch = state.zoom * clamp(3, floor(560 / many), 26),
    [size, before, after] = letters(scene, pitch, 100),
    left = before + 22,
    span = min(320, 160 + many * 4),
    right = left + span,
    bend = 0.4 * span,
    down = { along: "y", start: top },
    axes = tokenAxes(scene, pitch, [
      { ...down, to: left + span / 3 },
      { ...down, from: right - span / 3 },
    ]),
    isChosen = at.some(i => i !== null);

  /** Curves from queries to keys, all or those of a cell: one path for each colour and strength, so few strokes. */
  function curves(cell) {
    const paths = {},
      strongest = numbers.top();
    for (const head of state.heads) {
      numbers.map([head]).forEach((value, i) => {
        const strength = isFinite(value) ? min(1, abs(value) / strongest) : 0;
        if (strength < 0.04) return;
        const ends = [floor(i / sizes[1]), i % sizes[1]];
        if (!ends.every((n, side) => cell[side] === null || lists[side][n] === cell[side])) return;
        const colour = block.signed ? theme.signed[value < 0 ? 2 : 6] : theme.heads[head % 8],
          [from, to] = ends.map(n => top + (n + 0.5) * pitch),
          path = (paths[`${ceil(strength * 12)} ${colour}`] ??= new Path2D());
        path.moveTo(left, from);
        path.bezierCurveTo(left + bend, from, right - bend, to, right, to);
      });
    }
    return Object.entries(paths);
  }
  function stroke(cell, fade) {
    for (const [key, path] of cached(`lines ${cell} `, () => curves(cell))) {
      const [strength, strokeStyle] = key.split(" ");
      Object.assign(g, { strokeStyle, globalAlpha: (0.1 + strength / 14) * fade, lineWidth: 0.6 + strength / 5 });
      g.stroke(path);
    }
  }
  function draw(box) {
    inside(scene, box, 0, top, () => {
      stroke([null, null], isChosen ? 0.15 : 1);
      if (isChosen) stroke(at, 1);
    });
    axes.forEach((axis, side) => {
      const [x, align, width] = side ? [right + 10, "left", after] : [left - 10, "right", before];
      label(scene, box, axis, x, { size, align, width });
      write(pen, words.sides[side], x, 14, { size: 11, align, colour: theme.faint });
    });
  }
  return { width: right + after + 20, height: top + many * pitch + 8, axes, draw };
}

function grid(scene) {
  const { state, at, block, sizes, numbers, pen, cached } = scene,
    { layers, heads } = block,
    { g, theme } = pen,
    top = 26,
    left = 76,
    size = state.zoom * clamp(24, floor(760 / heads.length) - 8, 128),
    pitch = size + 8,
    most = round(size * devicePixelRatio),
    [R, C] = sizes.map(n => min(n, most)), // of a small map, in pixels
    names = heads.map(name => (size < 56 ? name.replace("head ", "") : name)),
    rows = { along: "y", start: top, pitch, side: 0, list: [...layers.keys()], names: layers },
    columns = { along: "x", start: left, pitch, side: 1, list: [...heads.keys()], names },
    spots = rows.list.flatMap(layer => columns.list.map(head => [layer, head])),
    maps = cached("grid", smallMaps);

  /** All small maps as one image: a canvas is slow to make. */
  function smallMaps() {
    const wide = heads.length * C,
      all = new Float32Array(layers.length * R * wide);
    for (const [layer, head] of spots) {
      const map = numbers.small(layer, head, most),
        strongest = numbers.topOf(map);
      map.forEach((value, i) => {
        all[(layer * R + floor(i / C)) * wide + head * C + (i % C)] = value / strongest;
      });
    }
    return image(all, layers.length * R, wide, pen.shade(1));
  }
  function drawMap([layer, head]) {
    const place = [left + head * pitch, top + layer * pitch, size, size];
    g.drawImage(maps, head * C, layer * R, C, R, ...place);
    const isOpen = layer === state.layer && state.heads.includes(head),
      isAt = layer === at[0] && head === at[1];
    if (isOpen) outline(pen, ...place, theme.accent, 3);
    else outline(pen, ...place, isAt ? theme.ink : theme.rule);
  }
  function draw(box) {
    const style = { size: 11, colour: theme.faint };
    inside(scene, box, left, top, () => spots.forEach(drawMap));
    label(scene, box, rows, left - 10, { ...style, align: "right", width: left - 12 });
    label(scene, box, columns, 12, { ...style, align: "center" });
  }
  return { width: left + heads.length * pitch, height: top + layers.length * pitch, axes: [rows, columns], draw };
}

export const PICTURES = { heatmap, lines, grid };
