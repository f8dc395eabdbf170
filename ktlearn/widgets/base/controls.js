// Controls that are made once and then shown: each is {node, show(state)}.

import { h, same } from "./kit.js";

/** Buttons for `options`, {label, set}, where `set` are the traits to set; pressed is that whose first trait is so. */
export function choice(label, options, set) {
  const traits = options.map(option => Object.entries(option.set)[0]),
    buttons = options.map((option, i) =>
      h("button", { name: `${traits[i][0]} ${option.label}`, onclick: () => set(option.set) }, option.label),
    ),
    node = h("span", { class: "kt-group", role: "group", "aria-label": label }, h("small", {}, label), ...buttons);
  function show(state) {
    traits.forEach(([name, value], i) => {
      buttons[i].ariaPressed = same(state[name], value);
    });
  }
  return { node, show, buttons };
}

/** A slider for a trait, which `set` gets as {name: number}; `say` puts the number into words. */
export function slider(label, name, range, set, say = String) {
  const output = h("output", { role: "none" }),
    oninput = () => set({ [name]: +input.value }),
    input = h("input", { type: "range", name, "aria-label": label, ...range, oninput }),
    node = h("label", { class: "kt-group" }, h("small", {}, label), input, output);
  function show(state) {
    input.value = state[name];
    output.textContent = say(state[name]);
    input.ariaValueText = output.textContent;
  }
  return { node, show };
}
