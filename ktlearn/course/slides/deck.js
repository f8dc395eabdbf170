const { Reveal, RevealNotes } = window;

// A widget that has the focus keeps the arrow keys; the keys of a presenter's clicker turn the page all the same.
const CLICKER = ["PageDown", "PageUp", "Escape"];

// How large a slide's content may become, and how small.
const LARGEST = { output: 1.5, table: 1.3, list: 1.15, exercises: 1.3, picture: 1.7 };
const SMALLEST = { picture: 0.35 }; // a widget with all that is open in it

// Makes what a slide shows as large as there is room for it. A picture does that by itself.
function fit(section) {
  const shown = section.querySelector(".shown");
  if (!shown || shown.querySelector(":scope > img")) return;
  const fits = () => shown.scrollHeight <= shown.clientHeight + 1 && shown.scrollWidth <= shown.clientWidth + 1;
  const kind = section.classList[0];
  for (let zoom = LARGEST[kind] ?? 1; zoom >= (SMALLEST[kind] ?? 0.5); zoom -= 0.05) {
    for (const child of shown.children) child.style.zoom = zoom;
    if (fits()) return;
  }
}

// The browser's own Print gives a slide a page. "print-pdf" keeps away what reveal.js does to a page that is printed as text.
const page = document.documentElement.classList;
page.add("print-pdf");
addEventListener("beforeprint", () => {
  if (page.contains("reveal-print")) return;
  page.add("on-paper");
  Reveal.getSlides().forEach(fit);
});
addEventListener("afterprint", () => {
  page.remove("on-paper");
  fit(Reveal.getCurrentSlide());
});

Reveal.on("slidechanged", event => fit(event.currentSlide));
Reveal.on("pdf-ready", () => Reveal.getSlides().forEach(fit));
Reveal.initialize({
  width: 1280,
  height: 720,
  margin: 0.02,
  center: false,
  controls: false,
  hash: true,
  pdfMaxPagesPerSlide: 1,
  transition: "none",
  slideNumber: "c/t",
  display: "flex",
  plugins: [RevealNotes],
  keyboardCondition: event => CLICKER.includes(event.key) || !document.activeElement?.closest(".kt-frozen"),
}).then(() => fit(Reveal.getCurrentSlide()));
