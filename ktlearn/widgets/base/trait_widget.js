// What the small widgets share: a frame, controls that are made once and then shown, and SVG.

function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) value.call ? (node[name] = value) : node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** A line through points [x, y]. */
const through = (points) => "M" + points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L");

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** Buttons that set traits; pressed is the one whose traits are so already. `options` are [label, changes(s)]. */
function choice(label, options, set) {
  let now;
  const buttons = options.map(([name, changes]) => h("button", { name, onclick: () => void set(changes(now)) }, name));
  return {
    node: h("span", { class: "kt-group", role: "group", "aria-label": label }, h("small", {}, label), ...buttons),
    show(s) {
      now = s;
      options.forEach(([, changes], i) => buttons[i].setAttribute("aria-pressed",
        Object.entries(changes(s)).every(([name, value]) => same(s[name], value))));
    },
  };
}

/** A slider for a trait: `read` and `write` turn the trait into the slider's number and back, `say` into words. */
function slider(label, name, range, set, { read = (x) => x, write = (x) => x, say = String } = {}) {
  const output = h("output", { role: "none" });
  const input = h("input", { type: "range", name, "aria-label": label, ...range, oninput: () => void set({ [name]: write(+input.value) }) });
  return {
    node: h("label", { class: "kt-group" }, h("small", {}, label), input, output),
    show(s) {
      input.value = read(s[name]);
      output.textContent = say(s[name]);
      input.setAttribute("aria-valuetext", say(s[name]));
    },
  };
}

// The frame of a small widget. `make(tools)` answers {controls, parts, draw}: controls and parts are made once,
// `draw(s)` brings them up to date and answers the line in words and the notes.
function frame({ model, el }, kind, make) {
  const { get, set, soon } = traitsOf(model), { words, colours, traits } = get("_design");
  const live = h("div", { class: "kt-live", role: "status" }), notes = h("div", { class: "kt-notes" });
  const state = () => Object.fromEntries(traits.map((name) => [name, get(name)]));
  const root = h("div", { class: `kt-widget kt-small kt-${kind}`, "data-lm-suppress-shortcuts": true });
  el.append(root);
  let redraw = () => {};
  const { controls, parts, draw } = make({ get, set, soon, words, state, redraw: () => redraw() });
  root.append(h("div", { class: "kt-controls" }, ...controls.map(({ node }) => node)), h("div", { class: "kt-parts" }, ...parts), live, notes);
  const drawn = keepDrawn(model, traits, root, () => {
    const theme = colours[isDark(el) ? "dark" : "light"], s = { ...state(), theme };
    root.classList.toggle("kt-dark", theme === colours.dark);
    for (const { show } of controls) show(s);
    const said = draw(s);
    live.replaceChildren(...said.live);
    notes.replaceChildren(...said.notes.filter(Boolean).map((note) => h("p", {}, note)));
  });
  redraw = drawn.redraw;
  return drawn.stop;
}
