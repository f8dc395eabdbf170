// A box for a text, or for two.

import { h } from "./kit.js";

/** The text box, which runs the model again, as soon as there is a text. */
export function textBox({ set, words }) {
  // JupyterLab keeps Enter from submitting.
  const onkeydown = event => void (event.key === "Enter" && onsubmit(event)),
    node = h("form", { class: "kt-form", onsubmit, onkeydown });
  function onsubmit(event) {
    event.preventDefault();
    set(Object.fromEntries(new FormData(node)));
  }
  function show(state) {
    if (state.text === null) return;
    const field = name => (state[name] === null ? "" : h("input", { name, value: state[name], "aria-label": name }));
    if (!node.lastChild) node.append(field("text"), field("pair"), h("button", {}, words.run), h("output"));
    node.lastChild.textContent = state._status;
  }
  return { node, show };
}
