// Numbers become colours, and maps become images. The colours themselves are Python's: see colours.py.

import { clamp, floor, h, min, round } from "./kit.js";

const rgbOf = hex => [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16));

/** Black or white, whichever has more contrast on a colour: at least 4.58 : 1 (WCAG's formula). */
export function inkOn(rgb) {
  const [r, g, b] = rgb.map(x => (x > 10 ? ((x / 255 + 0.055) / 1.055) ** 2.4 : x / 3294.6));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "black" : "white";
}

/** Light ink means a dark page, in JupyterLab, Colab, VS Code and a plain page alike. */
export const isDark = node =>
  inkOn(
    getComputedStyle(node)
      .color.match(/[\d.]+/g)
      .map(Number),
  ) === "black";

/** A function from a weight to [red, green, blue]; the weight `top` has the strongest colour. */
export function shader(theme, signed, top) {
  const stops = (signed ? theme.signed : theme.weights).map(rgbOf),
    [masked, nan] = [theme.masked, theme.nan].map(rgbOf),
    last = stops.length - 1;
  const colours = Array.from({ length: 255 }, (_, i) => {
    const place = (i / 254) * last,
      low = min(floor(place), last - 1);
    return stops[low].map((x, channel) => round(x + (stops[low + 1][channel] - x) * (place - low)));
  });
  return value => {
    if (isNaN(value)) return nan;
    const place = signed ? 127.5 + 127 * (value / top) : 0.5 + 254 * (value / top);
    return value === -Infinity ? masked : colours[clamp(0, floor(place), 254)];
  };
}

/** A canvas with a pixel for each number. */
export function image(values, height, width, shade, alpha = () => 255) {
  const pixels = new ImageData(width, height),
    colours = new Uint32Array(pixels.data.buffer),
    canvas = h("canvas", { width, height });
  for (let i = 0; i < values.length; i++) {
    const [r, g, b] = shade(values[i]);
    colours[i] = r | (g << 8) | (b << 16) | (alpha(i) << 24); // the bytes of a pixel, the lowest first
  }
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  return canvas;
}
