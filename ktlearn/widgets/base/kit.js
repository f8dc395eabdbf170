// What the widgets share: colours, text and images on a canvas, DOM nodes, and the way to the model's traits.
// ktlearn/widgets/base/bundle.py puts this file in front of a widget's own, so that each widget is one module.

const { abs, ceil, floor, max, min, round } = Math;
const clamp = (low, x, high) => max(low, min(x, high));

/** The largest number, sign apart; 1 when all are zero. */
export function largestOf(values) {
  let best = 0;
  for (let i = 0; i < values.length; i++) if (abs(values[i]) > best && abs(values[i]) < Infinity) best = abs(values[i]);
  return best || 1;
}

/** A token for the eye: what is only space becomes visible. */
export function shown(token) {
  const text = token.replace(/[\n\r]/g, "⏎");
  return text === "" ? "∅" : token.trim() ? text : text.replace(/\s/g, "␣");
}

const rgbOf = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
const isLight = ([r, g, b]) => 0.3 * r + 0.59 * g + 0.11 * b > 140;
const inkOn = (rgb) => (isLight(rgb) ? "#1f2328" : "#ffffff");

/** A function from a weight to [red, green, blue]; the weight `top` has the strongest colour. */
export function shader(theme, signed, top) {
  const stops = (signed ? theme.signed : theme.weights).map(rgbOf), [masked, nan] = [theme.masked, theme.nan].map(rgbOf);
  const colours = Array.from({ length: 255 }, (_, i) => {
    const place = (i / 254) * (stops.length - 1), low = min(floor(place), stops.length - 2);
    return stops[low].map((x, channel) => round(x + (stops[low + 1][channel] - x) * (place - low)));
  });
  const [scale, shift] = signed ? [127 / top, 127.5] : [254 / top, 0.5];
  return (value) => Number.isNaN(value) ? nan : value === -Infinity ? masked : colours[clamp(0, floor(value * scale + shift), 254)];
}

/** Light ink means a dark page, in JupyterLab, Colab, VS Code and a plain page alike. */
const isDark = (el) => isLight(getComputedStyle(el).color.match(/[\d.]+/g).map(Number));

/** One line of text on the canvas `s.g`, cut after 24 letters and squeezed into `width`. */
function write(s, token, x, y, { align = "left", size = 13, colour = s.theme.ink, bold, width } = {}) {
  Object.assign(s.g, { font: `${bold ? 600 : 400} ${size}px ${s.family}`, textAlign: align, textBaseline: "middle", fillStyle: colour });
  const letters = [...shown(token)];
  s.g.fillText(letters.length > 24 ? letters.slice(0, 23).join("") + "…" : letters.join(""), x, y, width);
}

function outline(s, x, y, w, h, colour, line = 1) {
  Object.assign(s.g, { strokeStyle: colour, lineWidth: line });
  s.g.strokeRect(x - line / 2, y - line / 2, w + line, h + line);
}

function image(values, height, width, shade, alpha = () => 255) {
  const pixels = new ImageData(width, height), colours = new Uint32Array(pixels.data.buffer), canvas = h("canvas", { width, height });
  for (let i = 0; i < values.length; i++) {
    const [r, g, b] = shade(values[i]);
    colours[i] = r | (g << 8) | (b << 16) | (alpha(i) << 24); // as bytes: red, green, blue, alpha
  }
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  return canvas;
}

function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value.call) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** Set traits at once with `set`, or with `soon` 20 times a second at most; `waiting` is what has not been sent. */
function traitsOf(model) {
  let timer = 0, waiting = {};
  const set = (changes) => {
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    model.save_changes();
  };
  const send = () => {
    const changes = waiting;
    [timer, waiting] = [0, {}];
    set(changes);
  };
  const soon = (changes) => {
    Object.assign(waiting, changes);
    timer ||= setTimeout(send, 50);
  };
  return { get: (name) => waiting[name] ?? model.get(name), set, soon };
}

/** Call `draw` for every change of a trait, of the theme or of the width; the answer stops that. */
function keepDrawn(model, traits, root, draw) {
  let frame = 0;
  const redraw = () => (frame ||= requestAnimationFrame(() => ((frame = 0), draw())));
  const watchers = [new MutationObserver(redraw), new ResizeObserver(redraw)];
  for (const node of [document.body, document.documentElement]) watchers[0].observe(node, { attributes: true });
  watchers[1].observe(root);
  for (const name of traits) model.on(`change:${name}`, redraw);
  redraw();
  root.dataset.ktLive = model.get("_live"); // by which the copy beside it knows that it is not alone: see freezable.py
  const stop = () => {
    for (const watcher of watchers) watcher.disconnect();
    for (const name of traits) model.off(`change:${name}`, redraw);
  };
  return { redraw, stop };
}
