// SoftmaxPlayground in the browser: a table of scores with bars, and the curves of all weights beside it.

export function softmaxOf(scores) {
  const top = max(...scores), e = scores.map((x) => Math.exp(x - top)), sum = e.reduce((total, x) => total + x, 0);
  return e.map((x) => x / sum);
}

/** By what the scores given are multiplied before the softmax. */
export const factorOf = ({ d_k, _width, divided, temperature }) => Math.sqrt(d_k / _width) / (divided ? Math.sqrt(d_k) : 1) / temperature;

/** How many keys would share like this if all had the same. */
export const spreadOf = (weights) => Math.exp(-weights.reduce((sum, w) => sum + (w > 0 ? w * Math.log(w) : 0), 0));

/** The smallest and the largest factor that the controls reach, as powers of two. */
export const limitsOf = ({ _width, _widths }) => [-Math.log2(_width) / 2 - 2, Math.log2(_widths.at(-1) / _width) / 2 + 2];

const WIDE = 330, HIGH = 178, LEFT = 26, TOP = 8;

function render(context) {
  return frame(context, "softmax", ({ get, set, soon, words, state }) => {
    const labels = get("_labels"), widths = get("_widths"), [low, high] = limitsOf(state()), reach = max(8, ceil(largestOf(get("scores"))));
    const nearest = (d) => widths.reduce((best, width, i) => (abs(width - d) < abs(widths[best] - d) ? i : best), 0);
    const controls = [
      slider(words.width, "d_k", { min: 0, max: widths.length - 1 }, set, { read: nearest, write: (i) => widths[i] }),
      choice(words.divide, [[words.yes, () => ({ divided: true })], [words.no, () => ({ divided: false })]], set),
      slider(words.temperature, "temperature", { min: -2, max: 2, step: 0.125 }, soon,
        { read: Math.log2, write: (x) => +(2 ** x).toFixed(4), say: (x) => x.toFixed(2) }),
    ];

    const heads = words.columns.map((name) => h("th", { scope: "col" }, name));
    const rows = labels.map((label, i) => {
      const cells = { raw: h("td"), input: h("td"), weight: h("td"), slope: h("td") };
      const bars = { weight: h("div", { class: "kt-bar" }), slope: h("div", { class: "kt-bar kt-thin" }) };
      const range = h("input", { type: "range", name: `score ${i}`, min: -reach, max: reach, step: 0.5, "aria-label": `${words.score} ${shown(label)}`,
        oninput: () => soon({ scores: get("scores").map((score, j) => (i === j ? +range.value : score)), picked: i }) });
      const pick = h("button", { name: `pick ${i}`, title: label, "aria-label": `${words.pick} ${shown(label)}`,
        onclick: () => void set({ picked: i }) }, h("i"), h("bdi", {}, shown(label)));
      const node = h("tr", {}, h("th", { scope: "row" }, pick), h("td", {}, range), cells.raw, cells.input,
        h("td", { class: "kt-share" }, bars.weight), cells.weight, h("td", { class: "kt-slope" }, bars.slope), cells.slope);
      return { node, pick, range, cells, bars };
    });
    heads[4].colSpan = heads[5].colSpan = 2;
    const table = h("table", {}, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...rows.map(({ node }) => node)));

    const x = (power) => LEFT + ((power - low) / (high - low)) * (WIDE - LEFT - 8), y = (share) => TOP + (1 - share) * HIGH;
    const curves = labels.map(() => svg("path", { class: "kt-curve" })), dots = labels.map(() => svg("circle", { r: 4.5, class: "kt-dot" }));
    const slope = svg("path", { class: "kt-curve", "stroke-dasharray": "5 4" }), here = svg("path", { class: "kt-here" });
    const ticks = [-6, -4, -2, 0, 2, 4, 6, 8].filter((power) => power >= low && power <= high).map((power) => svg("text", { x: x(power), y: y(0) + 17, "text-anchor": "middle" },
      power < 0 ? `÷ ${2 ** -power}` : `× ${2 ** power}`));
    const lines = [0, 0.5, 1].flatMap((share) => [svg("path", { class: "kt-line", d: through([[LEFT, y(share)], [WIDE - 8, y(share)]]) }),
      svg("text", { x: LEFT - 6, y: y(share) + 4, "text-anchor": "end" }, String(share))]);
    const chart = svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH + 46}`, class: "kt-chart", tabindex: 0, role: "img", "aria-label": words.chart,
      onpointerdown: drag, onpointermove: (e) => e.buttons && drag(e), onkeydown: press }, ...lines, ...ticks,
      svg("text", { x: (LEFT + WIDE) / 2, y: HIGH + 42, "text-anchor": "middle" }, words.x.replace("#", get("_width"))), here, ...curves, slope, ...dots);

    /** Go to a size of the scores by the temperature, as far as it reaches. */
    function go(power) {
      const rest = factorOf({ ...state(), temperature: 1 });
      soon({ temperature: +(2 ** clamp(-2, Math.log2(rest) - power, 2)).toFixed(4) });
    }
    function drag(e) {
      const box = chart.getBoundingClientRect();
      go(low + (((e.clientX - box.left) / box.width) * WIDE - LEFT) / (WIDE - LEFT - 8) * (high - low));
    }
    function press(e) {
      const step = { ArrowLeft: -0.25, ArrowRight: 0.25 }[e.key];
      if (!step) return;
      e.preventDefault();
      go(Math.log2(factorOf(state())) + step);
    }

    function draw(s) {
      const factor = factorOf(s), inputs = s.scores.map((score) => score * factor), weights = softmaxOf(inputs),
        slopes = weights.map((w) => w * (1 - w)), grown = Math.sqrt(s.d_k / s._width), at = Math.log2(factor);
      const samples = Array.from({ length: 121 }, (_, i) => low + (i / 120) * (high - low));
      const table = samples.map((power) => softmaxOf(s.scores.map((score) => score * 2 ** power)));
      const curve = (value) => through(samples.map((power, i) => [x(power), y(value(table[i]))]));
      rows.forEach(({ node, pick, range, cells, bars }, i) => {
        const colour = s.theme.heads[i], isPicked = i === s.picked;
        node.style.setProperty("--kt-key", colour);
        node.classList.toggle("kt-chosen", isPicked);
        pick.setAttribute("aria-pressed", isPicked);
        range.value = s.scores[i];
        cells.raw.textContent = (s.scores[i] * grown).toFixed(2);
        cells.input.textContent = inputs[i].toFixed(2);
        cells.weight.textContent = weights[i].toFixed(3);
        cells.slope.textContent = slopes[i].toFixed(3);
        bars.weight.style.width = `${weights[i] * 100}%`;
        bars.slope.style.width = `${slopes[i] * 400}%`;
        for (const [name, value] of Object.entries({ d: curve((row) => row[i]), stroke: colour, "stroke-width": isPicked ? 3 : 1.5 }))
          curves[i].setAttribute(name, value);
        for (const [name, value] of Object.entries({ cx: x(at), cy: y(weights[i]), stroke: colour })) dots[i].setAttribute(name, value);
      });
      slope.setAttribute("d", curve((row) => row[s.picked] * (1 - row[s.picked])));
      slope.setAttribute("stroke", s.theme.heads[s.picked]);
      here.setAttribute("d", through([[x(at), y(0)], [x(at), y(1)]]));
      heads[3].textContent = `÷ ${+(grown / factor).toFixed(2)}`;
      const [has, more, shared, of, keys] = words.live, label = h("bdi", {}, shown(labels[s.picked]));
      const verdict = max(...weights) > 0.99 ? words.saturated : spreadOf(weights) > 0.97 * labels.length ? words.even : "";
      return {
        live: [label, ` ${has} `, h("b", {}, weights[s.picked].toFixed(3)), `; ${more} ${slopes[s.picked].toFixed(3)}. `,
          `${shared} ${spreadOf(weights).toFixed(1)} ${of} ${labels.length} ${keys}. ${verdict}`],
        notes: [words.aid, words.model],
      };
    }
    return { controls, parts: [table, chart], draw };
  });
}

export default { render };
