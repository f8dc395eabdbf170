// What a page does beside the theme: code can be copied, and what scrolls sideways can be reached by the keyboard.

/** A button in the corner of a block of code. */
function addCopy(block) {
  const button = document.createElement("button");
  button.className = "site-copy";
  button.type = "button";
  button.textContent = "copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(block.querySelector("pre").innerText);
    button.textContent = "copied";
    setTimeout(() => (button.textContent = "copy"), 1500);
  });
  block.append(button);
}

/** A region with a scroll bar can be focused, and only while it has one. */
function reachable() {
  for (const region of document.querySelectorAll("article pre, .table-wrapper, .site-formula, .output.text_html")) {
    if (region.scrollWidth > region.clientWidth + 1) region.tabIndex = 0;
    else region.removeAttribute("tabindex");
  }
}

if (navigator.clipboard) document.querySelectorAll("div.cell_input .highlight").forEach(addCopy);
reachable();
addEventListener("load", reachable);
addEventListener("resize", reachable);

// From a memory stick (file:) a browser lets no page read another one, so the results have no excerpts there.
if (location.protocol === "file:" && typeof DOCUMENTATION_OPTIONS !== "undefined") {
  // oxlint-disable-next-line no-undef -- Sphinx' own
  DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
}
