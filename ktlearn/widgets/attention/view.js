// AttentionView in the browser. The state is the model's traits, the weights come as bytes.
// Heatmap, lines and grid are drawn on a canvas; the strip and the steps are text. Colours and words are Python's;
// what is defined nowhere here is in kit.js. Side 0 are the queries, which look, side 1 the keys.

// ---- numbers: pure functions, tested by `node --test` ----

/** What each byte means: a weight, -Infinity for "may not attend" (254), or NaN (255). */
export function valueTable(signed, scale) {
  const table = Float32Array.from({ length: 256 }, (_, code) => (signed ? (code - 126) / 126 : code / 253) * scale);
  table.set([-Infinity, NaN], 254);
  return table;
}

/** The mean map of some heads: queries × keys numbers, from exact `floats` or from `bytes`. */
export function meanMap({ floats, bytes, table }, block, step, layer, heads) {
  const size = block.tokens[0].length * block.tokens[1].length, mean = new Float32Array(size);
  for (const head of heads) {
    const start = block.offset + ((step * block.layers.length + layer) * block.heads.length + head) * size;
    for (let i = 0; i < size; i++) mean[i] += (floats ? floats[start + i] : table[bytes[start + i]]) / heads.length;
  }
  return mean;
}

/** Zero all but the strongest weights that together hold the share `mass` of the row; equal ones stay together. */
export function keepMass(row, mass) {
  if (mass >= 1) return row;
  const sizes = row.map((weight) => (Number.isFinite(weight) ? abs(weight) : 0)), sorted = sizes.slice().sort().reverse();
  let left = mass * sizes.reduce((total, size) => total + size, 0) - 1e-6, i = 0;
  while (left > 0) left -= sorted[i++];
  return row.map((weight, n) => (sizes[n] >= sorted[i - 1] || !Number.isFinite(weight) ? weight : 0));
}

/** Some rows and columns of a map `width` wide; `renormalise` makes each row sum to 1 again. */
export function cutMap(map, width, rows, columns, renormalise, mass = 1) {
  if (rows.length * columns.length === map.length && mass >= 1) return map;
  const cut = new Float32Array(rows.length * columns.length);
  rows.forEach((row, r) => {
    const weights = Float32Array.from(columns, (column) => map[row * width + column]);
    const sum = renormalise ? weights.reduce((total, weight) => total + max(weight, 0), 0) : 1;
    cut.set(keepMass(weights.map((weight) => weight / (sum || 1)), mass), r * columns.length);
  });
  return cut;
}

/** A map of at most `size` × `size` numbers: the largest of each patch. */
export function pool(values, R, C, size) {
  const [h, w] = [min(R, size), min(C, size)], best = new Float32Array(h * w).fill(-Infinity);
  for (let r = 0, i = 0; r < R; r++) for (let c = 0, start = floor((r * h) / R) * w; c < C; c++) {
    const value = values[i++], patch = start + floor((c * w) / C), old = best[patch];
    if (old === -Infinity || (abs(value) > abs(old) && value > -Infinity)) best[patch] = value;
  }
  return [best, h, w];
}

/** Switch a head on or off; one stays on. */
export function toggled(heads, head) {
  if (heads.includes(head)) return heads.length > 1 ? heads.filter((other) => other !== head) : heads;
  return [...heads, head].sort((a, b) => a - b);
}

// ---- three pictures: each gives {width, height, axes, draw(box)} ----
// `s` is the state of one drawing, see `now`; `box` is the part in sight, {x, y, w, h}. An axis says where a side's
// tokens stand: the n-th of `list` takes `pitch` pixels from start + n · pitch, along x or y.

const widest = (s, side, size) => {
  s.g.font = `600 ${size}px ${s.family}`;
  return min(150, ceil(max(...s.lists[side].map((i) => s.g.measureText(shown(s.block.tokens[side][i]).slice(0, 24)).width))));
};

/** Paint what scrolls, to the right of `left` and below `top`. */
function inside(s, box, left, top, paint) {
  s.g.save();
  s.g.beginPath();
  s.g.rect(left - 3, top - 3, box.w, box.h);
  s.g.clip();
  s.g.translate(-box.x, -box.y);
  s.g.imageSmoothingEnabled = false;
  paint();
  s.g.restore();
}

function labels(s, box, side, { along, start, pitch, list, names }, beside, { angle = 0, ...style }) {
  list.forEach((i, n) => {
    const place = start + (n + 0.5) * pitch - box[along], bold = i === s.at[side];
    if (place < start || !(pitch >= 10 || bold)) return;
    s.g.save();
    s.g.translate(...(along === "x" ? [place, beside] : [beside, place]));
    s.g.rotate(angle);
    write(s, names[i], 0, 0, { colour: s.isSpecial(side, i) ? s.theme.faint : s.theme.ink, ...style, bold });
    s.g.restore();
  });
}

function paintHeatmap(s) {
  const { g, theme, lists, sizes: [R, C] } = s, values = s.map(), shade = s.shade();
  const cell = s.zoom * clamp(2, floor(520 / max(R, C)), 44), size = clamp(9, cell - 2, 13);
  const [before, above] = [0, 1].map((side) => (cell >= 10 ? widest(s, side, size) : 60)), angle = above + 8 <= cell ? 0 : -1.1;
  const left = before + 16, top = ceil(above * Math.sin(-angle)) + 26;
  const axes = [{ along: "y", start: top }, { along: "x", start: left }].map((axis, side) =>
    ({ ...axis, pitch: cell, list: lists[side], names: s.block.tokens[side] }));
  const isDim = (i) => s.special === "dim" && (s.isSpecial(0, lists[0][floor(i / C)]) || s.isSpecial(1, lists[1][i % C]));
  const map = s.cached("heatmap", () => image(values, R, C, shade, (i) => (isDim(i) ? 60 : 255)));

  function draw(box) {
    inside(s, box, left, top, () => {
      g.drawImage(map, left, top, C * cell, R * cell);
      outline(s, left, top, C * cell, R * cell, theme.rule);
      if (cell >= 34) values.forEach((value, i) => {
        const text = value === -Infinity ? "–" : abs(value) < 0.005 ? "" : value.toFixed(2),
          colour = isDim(i) ? theme.faint : inkOn(shade(value));
        if (text) write(s, text, left + ((i % C) + 0.5) * cell, top + (floor(i / C) + 0.5) * cell, { size: 11, align: "center", colour });
      });
      for (const spot of [s.at, s.pin]) {
        const [r, c] = spot.map((i, side) => lists[side].indexOf(i));
        if (r >= 0 || c >= 0) outline(s, left + max(c, 0) * cell, top + max(r, 0) * cell,
          c < 0 ? C * cell : cell, r < 0 ? R * cell : cell, theme.accent, 2);
      }
    });
    labels(s, box, 0, axes[0], left - 8, { size, align: "right", width: before });
    labels(s, box, 1, axes[1], top - 9, { size, align: angle ? "left" : "center", width: above, angle });
  }
  return { width: left + C * cell + (angle ? above * 0.5 : 0) + 8, height: top + R * cell + 8, axes, draw };
}

function paintLines(s) {
  const { g, theme, lists, sizes: [R, C] } = s, many = max(R, C), top = 30,
    chosen = s.at[0] !== null || s.at[1] !== null;
  const pitch = s.zoom * clamp(3, floor(560 / many), 26), size = clamp(9, pitch - 2, 13);
  const [before, after] = [0, 1].map((side) => (pitch >= 10 ? widest(s, side, size) : 100)),
    left = before + 22, span = min(320, 160 + many * 4), right = left + span;
  const axes = [{ to: left + span / 3 }, { from: right - span / 3 }].map((axis, side) =>
    ({ ...axis, along: "y", start: top, pitch, list: lists[side], names: s.block.tokens[side] }));

  function curves(spot) {
    const paths = new Map(); // one for each colour and strength: few strokes
    for (const head of s.heads) s.map([head]).forEach((value, i) => {
      const ends = [floor(i / C), i % C], strength = min(1, abs(value) / s.top());
      if (!(strength >= 0.04) || ends.some((n, side) => spot[side] !== null && lists[side][n] !== spot[side])) return;
      const key = `${ceil(strength * 12)} ${s.block.signed ? theme.signed[value < 0 ? 2 : 6] : s.colour(head)}`,
        path = paths.get(key) ?? new Path2D();
      const [from, to] = ends.map((n) => top + (n + 0.5) * pitch);
      path.moveTo(left, from);
      path.bezierCurveTo(left + span * 0.4, from, right - span * 0.4, to, right, to);
      paths.set(key, path);
    });
    return paths;
  }
  function stroke(spot, fade) {
    for (const [key, path] of s.cached(`lines ${spot} `, () => curves(spot))) {
      const [strength, strokeStyle] = key.split(" ");
      Object.assign(g, { strokeStyle, globalAlpha: (0.1 + strength / 14) * fade, lineWidth: 0.6 + strength / 5 });
      g.stroke(path);
    }
  }

  function draw(box) {
    inside(s, box, 0, top, () => {
      stroke([null, null], chosen ? 0.15 : 1);
      if (chosen) stroke(s.at, 1);
    });
    for (const [side, x, align, width] of [[0, left - 10, "right", before], [1, right + 10, "left", after]]) {
      labels(s, box, side, axes[side], x, { size, align, width });
      write(s, s.words.sides[side], x, 14, { size: 11, align, colour: theme.faint });
    }
  }
  return { width: right + after + 20, height: top + many * pitch + 8, axes, draw };
}

function paintGrid(s) {
  const { g, theme, block: { layers, heads } } = s, start = 26, left = 76;
  const size = s.zoom * clamp(24, floor(760 / heads.length) - 8, 128), pitch = size + 8, most = round(size * devicePixelRatio);
  const axes = [
    { along: "y", start, pitch, list: [...layers.keys()], names: layers },
    { along: "x", start: left, pitch, list: [...heads.keys()], names: size < 56 ? heads.map((name) => name.replace("head ", "")) : heads },
  ];
  const [R, C] = s.sizes.map((n) => min(n, most)), wide = heads.length * C,
    spots = layers.flatMap((_, layer) => heads.map((_, head) => [layer, head]));
  const sheet = s.cached("grid", () => { // one image: a canvas is slow to make
    const all = new Float32Array(layers.length * R * wide);
    for (const [layer, head] of spots) {
      const [map] = pool(s.read([head], layer, 1), ...s.sizes, most), top = s.topOf(map);
      map.forEach((value, i) => (all[(layer * R + floor(i / C)) * wide + head * C + (i % C)] = value / top));
    }
    return image(all, layers.length * R, wide, s.shade(1));
  });

  function draw(box) {
    inside(s, box, left, start, () => spots.forEach((spot) => {
      const [layer, head] = spot, isOn = layer === s.layer && s.heads.includes(head),
        place = [left + head * pitch, start + layer * pitch, size, size];
      g.drawImage(sheet, head * C, layer * R, C, R, ...place);
      outline(s, ...place, isOn ? theme.accent : `${s.at}` === `${spot}` ? theme.ink : theme.rule, isOn ? 3 : 1);
    }));
    labels(s, box, 0, axes[0], left - 10, { size: 11, align: "right", width: left - 12, colour: theme.faint });
    labels(s, box, 1, axes[1], 12, { size: 11, align: "center", colour: theme.faint });
  }
  return { width: left + heads.length * pitch, height: start + layers.length * pitch, axes, draw };
}

const PICTURES = { heatmap: paintHeatmap, lines: paintLines, grid: paintGrid };

// ---- two texts: each gives DOM nodes; one with data-side and data-token can be pointed at ----

function tokenRow(s, side, chosen, weights, shade) {
  const token = (i) => h("bdi", { class: "kt-token", "data-side": side, "data-token": i }, shown(s.block.tokens[side][i]));
  const row = s.cached(`tokens ${side}`, () =>
    h("p", { class: "kt-strip" }, h("small", {}, s.words.sides[s.block.square ? 2 : side]), ...s.lists[side].map(token)));
  [...row.children].slice(1).forEach((span, n) => {
    const rgb = weights && shade(weights[n]);
    span.style.cssText = rgb ? `background: rgb(${rgb}); color: ${inkOn(rgb)}` : "";
    span.classList.toggle("kt-chosen", s.lists[side][n] === chosen);
  });
  return row;
}

function writeStrip(s) {
  const [queries, keys] = s.lists, map = s.map(), C = keys.length, r = queries.indexOf(s.at[0]);
  const mean = (_, c) => queries.reduce((sum, _, i) => sum + max(map[i * C + c], 0) / queries.length, 0);
  const weights = r < 0 ? keys.map(mean) : map.subarray(r * C, (r + 1) * C), shade = s.shade(s.topOf(weights));
  if (s.block.square) return [tokenRow(s, 0, s.at[0], weights, shade)];
  return [tokenRow(s, 0, s.at[0]), tokenRow(s, 1, s.at[1], weights, shade)];
}

function writeSteps(s) {
  const { block, lists: [queries, keys] } = s, query = s.at[0] ?? queries[0], d = block.vectors, choice = tokenRow(s, 0, query);
  const vectors = d && s.ask("vectors", block.number, s.step, s.layer, s.heads[0]);
  if (!vectors) return [choice, h("p", {}, s.words[d ? "waiting" : "missing"])];
  const vector = (i) => vectors.subarray(i * d, (i + 1) * d), q = vector(query), shade = shader(s.theme, true, largestOf(vectors));
  const stripes = (x) => `linear-gradient(90deg, ${Array.from(x, (value, i) => `rgb(${shade(value)}) ${(i * 100) / d}% ${((i + 1) * 100) / d}%`)})`;
  const row = (more, name, ...cells) => h("tr", more, h("th", {}, h("bdi", {}, shown(name))), ...cells.map((cell) => h("td", {}, cell)));
  const strip = (x) => h("div", { class: "kt-vector", style: `background: ${stripes(x)}` }), weights = s.row(query, [s.heads[0]]);
  const line = (k, i) => {
    const key = vector(block.tokens[0].length + k), score = q.reduce((sum, x, j) => sum + x * key[j], 0), weight = weights[i];
    const bar = h("div", { class: "kt-bar", style: `width: ${max(0, weight) * 100}%` });
    const more = { "data-side": 1, "data-token": k, class: k === s.at[1] ? "kt-chosen" : "" };
    return row(more, block.tokens[1][k], strip(key), score.toFixed(2), (score / Math.sqrt(d)).toFixed(2),
      weight < 0 ? s.words.masked : weight.toFixed(3), bar);
  };
  const [name, ...titles] = s.words.table.map((title) => title.replace("#", d));
  return [choice, s.cached(`steps ${query} ${s.at[1]} ${weights}`, () =>
    h("table", {}, row({}, name, strip(q)), row({}, ...titles), ...keys.map(line)))];
}

const TEXTS = { strip: writeStrip, steps: writeSteps };

// ---- render ----

function render({ model, el }) {
  const { get, set, soon } = traitsOf(model), { words, colours, traits } = get("_design"),
    cache = new Map(), canvas = h("canvas"),
    // JupyterLab keeps Enter from submitting; a handler that answered false would keep every other letter out.
    form = h("form", { class: "kt-form", onsubmit: send, onkeydown: (e) => e.key !== "Enter" || send(e) });
  const [controls, live, notes, texts, sizer] = ["controls", "live", "notes", "texts", "size"].map(
    (name) => h("div", { class: `kt-${name}` }));
  const scroller = h("div", { class: "kt-scroll", tabindex: 0, role: "application",
    "aria-label": words.keyboard, onkeydown: press, onmousemove: point,
    onmouseleave: () => hoverAt(null), onclick: pin, onscroll: () => redraw() }, sizer, texts);
  const stage = h("div", { class: "kt-stage" }, canvas, scroller),
    root = h("div", { class: "kt-widget kt-attention", "data-lm-suppress-shortcuts": true }, form, controls, stage, live, notes);
  live.role = "status";
  let hover = get("hover"), s, picture, box, built, data, playing = 0;

  /** Everything a drawing needs: the traits, the theme, the visible tokens, and functions for the numbers. */
  function now() {
    const s = Object.fromEntries(traits.map((name) => [name, get(name)])), block = s._blocks.find(({ name }) => name === s.block),
      width = block.tokens[1].length;
    const { buffer, byteOffset, byteLength } = s._data, source = { floats: get("_floats"), bytes: new Uint8Array(buffer, byteOffset, byteLength),
      table: valueTable(block.signed, block.scale) };
    const isSpecial = (side, i) => s.special !== "show" && s._special.includes(block.tokens[side][i]),
      theme = colours[isDark(el) ? "dark" : "light"];
    const lists = block.tokens.map((tokens, side) => [...tokens.keys()].filter((i) => s.special !== "remove" || !isSpecial(side, i))),
      renormalise = s.special === "remove" && !block.signed;
    const state = [s.block, s.view, s.step, s.layer, s.heads, s.special, s.threshold, s.full_scale, s.zoom, theme.ink].join();
    const seen = (spot) => (spot ?? [null, null]).map((i, side) => (s.view === "grid" || lists[side].includes(i) ? i : null));
    if (data !== s._data) cache.clear();
    data = s._data;
    return Object.assign(s, {
      block, lists, sizes: lists.map((list) => list.length), isSpecial, theme, words, questions: [],
      g: canvas.getContext("2d"), family: getComputedStyle(root).fontFamily,
      pin: seen(s.pinned), at: seen(hover ?? (s.view === "grid" ? null : s.pinned)),
      cached(name, make) {
        if (cache.size > 100) cache.clear();
        if (!cache.has(name + state)) cache.set(name + state, make());
        return cache.get(name + state);
      },
      read: (heads, layer, mass) => cutMap(meanMap(source, block, s.step, layer, heads), width, ...lists, renormalise, mass),
      map: (heads = s.heads) => s.cached(`map ${heads} `, () => s.read(heads, s.layer, s.threshold)),
      topOf: (values) => (s.full_scale ? block.scale : largestOf(values)),
      top: () => s.cached("top", () => s.topOf(s.map())),
      shade: (top = s.top()) => shader(theme, block.signed, top),
      colour: (head) => theme.heads[head % theme.heads.length],
      ask(...question) { // exact numbers that Python has: float32, or nothing until they are here
        const key = JSON.stringify(question), data = s._answers[key];
        if (data) return new Float32Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
        s.questions.push(key);
      },
      row(row, heads = s.heads) { // the weights of a query, exact ones where they are known
        const exact = !source.floats && s.ask("row", block.number, s.step, s.layer, heads, row);
        const weights = cutMap(exact || meanMap(source, block, s.step, s.layer, heads), width, [exact ? 0 : row], lists[1], renormalise);
        weights.isExact = exact !== undefined;
        return weights;
      },
    });
  }

  function draw() {
    s = now();
    const nodes = TEXTS[s.view]?.(s) ?? [], ratio = devicePixelRatio, wide = stage.clientWidth || 800;
    root.classList.toggle("kt-dark", s.theme === colours.dark);
    buildControls();
    picture = PICTURES[s.view]?.(s);
    if (nodes.some((node, i) => node !== texts.children[i]) || texts.children[nodes.length]) texts.replaceChildren(...nodes);
    const { width, height } = picture ?? { width: 0, height: texts.scrollHeight }, high = min(640, height + (width > wide ? 16 : 0));
    sizer.style.cssText = `width: ${width}px; height: ${picture ? height : 0}px`;
    stage.style.height = `${high}px`;
    Object.assign(canvas, { width: wide * ratio, height: high * ratio });
    s.g.scale(ratio, ratio);
    box = { x: scroller.scrollLeft, y: scroller.scrollTop, w: wide, h: high };
    picture?.draw(box);
    live.replaceChildren(...sentence());
    const said = [`${words[s.view]} ${words.caution}`, s.block.signed && words.signed, s.special === "remove" && words.removed, ...s._notes];
    notes.replaceChildren(...said.filter(Boolean).map((note) => h("p", {}, note)));
    if (s.questions.length && `${s.questions}` !== `${s._wanted}`) soon({ _wanted: s.questions });
  }

  /** The current cell, row or column in words. */
  function sentence() {
    const { block, lists, at: [row, column] } = s, name = (side, i) => h("bdi", {}, shown(block.tokens[side][i])),
      side = column === null ? 1 : 0, map = s.map();
    if (row === null && column === null) return [words.hint];
    if (s.view === "grid") return [`${block.layers[row]}, ${block.heads[column]}`];
    const heads = s.heads.map((head) => block.heads[head]).join(", "),
      start = `${block.layers[s.layer]}, ${s.heads[1] ? words.mean : ""}${heads}: `;
    if (row !== null && column !== null) {
      const weights = s.row(row), weight = weights[lists[1].indexOf(column)];
      return [start, name(0, row), " → ", name(1, column), " ", h("b", {},
        weight === -Infinity ? words.masked : weights.isExact ? weight.toFixed(3) : `≈ ${weight.toFixed(2)}`)];
    }
    const weights = lists[side].map((_, i) => map[side ? lists[0].indexOf(row) * lists[1].length +
      i : i * lists[1].length + lists[1].indexOf(column)]);
    const best = [...lists[side].keys()].filter((i) => Number.isFinite(weights[i]))
      .sort((a, b) => abs(weights[b]) - abs(weights[a])).slice(0, 3);
    return [start, name(1 - side, row ?? column), words.most[side],
      ...best.flatMap((i) => [" ", name(side, lists[side][i]), ` ${weights[i].toFixed(2)}`])];
  }

  /** The text box, which runs the model again, and the controls that Python describes. */
  function buildControls() {
    const key = JSON.stringify([s._controls, s.view, s.block.name, s.layer, s.heads, s.special, s.full_scale, s.theme.ink, playing]),
      focused = document.activeElement?.name;
    const field = (name) => h("input", { name, value: s[name], "aria-label": name });
    const button = ({ label, set: changes, head }) => {
      const [[trait, value]] = Object.entries(changes),
        chip = head === undefined ? {} : { class: "kt-head", title: words.heads, style: `--kt-head: ${s.colour(head)}` };
      const isOn = chip.class ? s.heads.includes(head) : `${trait === "block" ? s.block.name : s[trait]}` === `${value}`;
      const onclick = (e) => set(chip.class && (e.shiftKey || e.ctrlKey || e.metaKey) ? { heads: toggled(s.heads, head) } : changes);
      return h("button", { name: `${trait} ${label}`, "aria-pressed": isOn, onclick, ...chip }, label);
    };
    const slider = ({ range }) => [h("input", { type: "range", ...range, oninput: (e) => set({ [range.name]: +e.target.value }) }), h("output", { role: "none" })];
    const group = ({ views, block, options, ...one }) => h("span", { class: "kt-group" }, h("small", {}, one.label),
      ...(options?.map(button) ?? slider(one)),
        one.range?.name === "step" ? h("button", { name: "play", onclick: play }, playing ? "■" : "▶") : "");
    if (s.text !== null) {
      if (!form.lastChild) form.append(field("text"), s.pair === null ? "" : field("pair"), h("button", {}, words.run), h("output"));
      form.lastChild.textContent = s._status;
    }
    if (key !== built) {
      controls.replaceChildren(...s._controls.filter(({ views, block }) => (views ?? s.view).includes(s.view) &&
        (block ?? s.block.name) === s.block.name).map(group));
      if (focused) controls.querySelector(`[name="${CSS.escape(focused)}"]`)?.focus();
    }
    built = key;
    for (const input of controls.querySelectorAll("input")) {
      input.value = s[input.name];
      input.nextSibling.textContent = input.name === "step" ? s.block.steps[s.step] : `${round(s[input.name] * 100)} %`;
    }
  }
  function send(e) {
    e.preventDefault();
    set(Object.fromEntries(new FormData(form)));
  }
  function play() {
    playing = playing ? clearInterval(playing) ?? 0 : setInterval(() => set({ step: (get("step") + 1) % s.block.steps.length }), 400);
    redraw();
  }

  const within = (list, i) => clamp(0, i, list.length - 1);
  function move(layers, heads) {
    set({ layer: within(s.block.layers, s.layer + layers), heads: heads ? [within(s.block.heads, s.heads[0] + heads)] : s.heads });
  }
  function hoverAt(at) {
    const next = (at?.[0] ?? at?.[1] ?? null) === null ? null : at;
    if (`${next}` === `${hover}`) return;
    hover = next;
    if (s.view !== "grid") soon({ hover });
    redraw();
  }
  function point(e) {
    const edge = stage.getBoundingClientRect(), mouse = { x: e.clientX - edge.left, y: e.clientY - edge.top },
      token = e.target.closest("[data-token]")?.dataset;
    const hit = ({ along, start, pitch, list, from = 0, to = 1e9 }) => (mouse[along] < start || mouse.x < from || mouse.x > to ? null :
      list[floor((mouse[along] + box[along] - start) / pitch)] ?? null);
    if (picture) hoverAt(picture.axes.map(hit));
    else hoverAt(token ? (token.side === "0" ? [+token.token, null] : [s.pin[0], +token.token]) : null);
  }
  function pin() {
    if (s.view !== "grid") return set({ pinned: `${hover}` === `${s.pinned}` ? null : hover });
    if (hover && !hover.includes(null)) set({ layer: hover[0], heads: [hover[1]], view: "heatmap" });
    hover = null;
  }
  function press(e) {
    const arrow = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[e.key];
    const action = { Enter: pin, Escape: () => (set({ pinned: null }), hoverAt(null)),
      "[": () => move(-1, 0), "]": () => move(1, 0), ",": () => move(0, -1), ".": () => move(0, 1) }[e.key];
    if (!arrow && !action) return;
    e.preventDefault();
    if (action) return action();
    const axes = picture?.axes ?? s.lists.map((list) => ({ list })),
      by = picture ? arrow : [arrow[1], arrow[0]]; // in a text the query moves along the line
    const from = s.view === "grid" && !hover ? [s.layer, s.heads[0]] : s.at;
    hoverAt(axes.map(({ list }, side) => list[within(list, from[side] === null ? 0 : list.indexOf(from[side]) + by[side])]));
    if (picture) axes.forEach(({ along, start, pitch, list }, side) => { // into sight
      const place = list.indexOf(hover[side]) * pitch, [name, room] = along === "x" ? ["scrollLeft", box.w] : ["scrollTop", box.h];
      scroller[name] = clamp(place + start + pitch + 16 - room, scroller[name], place);
    });
  }

  el.append(root);
  model.on("change:hover", () => (hover = get("hover")));
  const { redraw, stop } = keepDrawn(model, traits, root, draw);
  return () => (clearInterval(playing), stop());
}

export default { render };
