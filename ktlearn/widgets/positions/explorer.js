// PositionExplorer in the browser: the map, one clock for each pair, the wave of a pair, and the dot products.

/** How far the clock of a pair turns in one step. */
export const rateOf = (pair, width) => 10000 ** ((-2 * pair) / width);

/** The paper's vector of a position: sine and cosine of each pair. */
export const vectorOf = (position, width) => Float64Array.from({ length: width }, (_, i) =>
  (i % 2 ? Math.cos : Math.sin)(position * rateOf(floor(i / 2), width)));

export const dotOf = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);

const WIDE = 376, WAVE = 84, DOTS = 96, HIGH = 400;

function render(context) {
  return frame(context, "positions", ({ get, set, soon, words }) => {
    const length = get("_length"), width = get("_width"), pairs = width / 2, all = Array.from({ length }, (_, i) => vectorOf(i, width));
    const mapWide = clamp(160, 10 * width, 320), row = HIGH / length, size = pairs <= 16 ? 44 : 22;
    const numbers = { min: 0, max: length - 1 };
    const controls = [slider(words.position, "position", numbers, soon), slider(words.other, "other", numbers, soon)];

    // The map: a canvas of one pixel for each number, and SVG over it for what is chosen.
    const canvas = h("canvas", { width, height: length });
    const frames = [0, 1].map((n) => svg("rect", { class: `kt-row kt-key-${n}`, x: -1, width: mapWide + 2, height: max(row, 3) }));
    const marks = [0, 1].map((n) => svg("text", { class: `kt-key-${n}`, x: -7, "text-anchor": "end" }));
    const column = svg("rect", { class: "kt-pair", y: -7, width: (2 * mapWide) / width, height: 4 });
    const map = h("div", { class: "kt-map", tabindex: 0, role: "application", "aria-label": words.keys, onkeydown: press,
      onpointerdown: drag, onpointermove: (e) => e.buttons && drag(e), style: `width: ${mapWide}px; height: ${HIGH}px` }, canvas,
      svg("svg", { width: mapWide, height: HIGH }, ...[...frames].reverse(), ...marks, column,
        svg("text", { x: mapWide / 2, y: HIGH + 17, "text-anchor": "middle" }, words.dimension)));

    const clocks = Array.from({ length: pairs }, (_, pair) => {
      const hands = [1, 0].map((n) => svg("path", { class: `kt-hand kt-key-${n}` }));
      const face = svg("svg", { viewBox: "-22 -22 44 44", width: size, height: size }, svg("circle", { r: 19, class: "kt-face" }), ...hands);
      const node = h("button", { name: `${words.clock} ${pair}`, "aria-label": `${words.clock} ${pair}`, onclick: () => void set({ pair }) }, face);
      return { node, hands, rate: rateOf(pair, width) };
    });

    /** A chart over the positions, `low` to `high`; the answer can show curves and the two positions. */
    function chart(tall, count) {
      const title = h("small"), zero = svg("path", { class: "kt-line" });
      const curves = Array.from({ length: count }, (_, n) => svg("path", { class: n ? "kt-second" : "kt-first" }));
      const dots = curves.map(() => [1, 0].map((n) => svg("circle", { r: 4.5, class: `kt-dot kt-key-${n}` })));
      const node = h("div", {}, title, svg("svg", { viewBox: `0 -6 ${WIDE} ${tall + 12}`, class: "kt-chart", role: "img" }, zero, ...curves, ...dots.flat()));
      const show = (s, words, values, low, high) => {
        const x = (i) => ((i + 0.5) / length) * WIDE, y = (value) => ((high - value) / (high - low)) * tall;
        title.textContent = words;
        node.lastChild.setAttribute("aria-label", words);
        zero.setAttribute("d", through([[0, y(0)], [WIDE, y(0)]]));
        values.forEach((line, n) => {
          curves[n].setAttribute("d", through(line.map((value, i) => [x(i), y(value)])));
          [s.other, s.position].forEach((place, i) => {
            dots[n][i].setAttribute("cx", x(place));
            dots[n][i].setAttribute("cy", y(line[place]));
          });
        });
      };
      return { node, show };
    }
    const wave = chart(WAVE, 2), dots = chart(DOTS, 1);
    const side = h("div", { class: "kt-side" }, h("small", {}, words.clocks), h("div", { class: "kt-clocks" }, ...clocks.map(({ node }) => node)), wave.node, dots.node);

    const within = (i, count = length) => clamp(0, i, count - 1);
    function drag(e) {
      const box = map.getBoundingClientRect(), place = within(floor(((e.clientY - box.top) / box.height) * length));
      soon({ [e.shiftKey ? "other" : "position"]: place });
    }
    function press(e) {
      const down = { ArrowUp: -1, ArrowDown: 1 }[e.key], along = { ArrowLeft: -1, ArrowRight: 1 }[e.key], name = e.shiftKey ? "other" : "position";
      if (!down && !along) return;
      e.preventDefault();
      set(down ? { [name]: within(get(name) + down) } : { pair: within(get("pair") + along, pairs) });
    }

    let painted;
    function draw(s) {
      if (painted !== s.theme) canvas.getContext("2d").drawImage(image(all.flatMap((vector) => [...vector]), length, width, shader(s.theme, true, 1)), 0, 0);
      painted = s.theme;
      [s.position, s.other].forEach((place, n) => {
        frames[n].setAttribute("y", (place + 0.5) * row - max(row, 3) / 2);
        marks[n].setAttribute("y", (place + 0.5) * row + 4);
        marks[n].textContent = place;
      });
      marks[1].setAttribute("visibility", abs(s.position - s.other) * row < 11 ? "hidden" : "visible");
      column.setAttribute("x", (s.pair * 2 * mapWide) / width);
      clocks.forEach(({ node, hands, rate }, pair) => {
        node.setAttribute("aria-pressed", pair === s.pair);
        [s.other, s.position].forEach((place, n) =>
          hands[n].setAttribute("d", through([[0, 0], [16 * Math.sin(place * rate), -16 * Math.cos(place * rate)]])));
      });
      const rate = rateOf(s.pair, width), products = all.map((vector) => dotOf(vector, all[s.position])), [a, b] = [s.position, s.other].map((i) => all[i]);
      wave.show(s, words.wave.replace("#", s.pair), [Math.sin, Math.cos].map((f) => all.map((_, i) => f(i * rate))), -1, 1);
      dots.show(s, words.dots.replace("#", s.position), [products], min(0, ...products), pairs);
      const [positions, and, apart, of, far] = words.live, distance = Math.hypot(...a.map((x, i) => x - b[i]));
      return {
        live: [`${positions} ${s.position} ${and} ${s.other}, ${abs(s.position - s.other)} ${apart} `, h("b", {}, dotOf(a, b).toFixed(2)),
          ` ${of} ${pairs}, ${far} ${distance.toFixed(2)}. ${words.turn.replace("#", s.pair)} ${((2 * Math.PI) / rate).toFixed(1)} ${words.positions}.`],
        notes: [words.map, words.aid],
      };
    }
    return { controls, parts: [map, side], draw };
  });
}

export default { render };
