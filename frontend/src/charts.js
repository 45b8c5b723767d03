// Charts and maps: Vega-Lite specifications that the server made, drawn as SVG under a strict CSP (no eval).
import { View, formatLocale, parse } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile } from "vega-lite";

const read = (id) => JSON.parse(document.getElementById(id)?.textContent || "null");
let specifications = read("charts") || {};
const marks = read("number-marks");
if (marks) {
  formatLocale({ decimal: marks.decimal, thousands: marks.thousands, grouping: [3], currency: ["", ""], minus: "\u2212" });
}

/** Room for a chart that is not drawn yet, so that what one reads does not jump when it is. */
function reserve(place) {
  const spec = specifications[place.dataset.chart];
  if (place.dataset.drawn || !spec?.width) return;
  const rows = spec.layer?.[0]?.encoding?.y?.sort?.length || 8;
  const height = spec.height?.step ? spec.height.step * rows + 20 : spec.height;
  if (height) place.style.aspectRatio = `${spec.width} / ${height}`;
}

/** At once, not later: paper does not wait. */
function draw(place) {
  if (place.dataset.drawn || !specifications[place.dataset.chart]) return;
  place.dataset.drawn = "yes";
  const { spec } = compile(specifications[place.dataset.chart]);
  new View(parse(spec, undefined, { ast: true }), {
    expr: expressionInterpreter,
    renderer: "svg",
    container: place,
    hover: false,
    logLevel: 1,
  }).run();
  place.style.aspectRatio = "";
  // Named by its own caption; Vega would say "Vega visualization".
  const caption = place.closest("figure")?.querySelector("figcaption")?.textContent?.trim() || "";
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", caption);
  const svg = place.querySelector("svg");
  if (svg) {
    // The chart grows and shrinks with its column; its own width is only its proportion.
    if (!svg.hasAttribute("viewBox")) svg.setAttribute("viewBox", `0 0 ${svg.getAttribute("width")} ${svg.getAttribute("height")}`);
    svg.removeAttribute("width");
    svg.removeAttribute("height");
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("focusable", "false");
  }
}

const near = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) draw(entry.target);
}, { rootMargin: "600px" });

function watch(root) {
  const brought = root.querySelector?.("script[data-charts]");
  if (brought) specifications = { ...specifications, ...JSON.parse(brought.textContent) };
  for (const place of root.querySelectorAll("[data-chart]")) {
    reserve(place);
    near.observe(place);
  }
}

document.addEventListener("htmx:load", (event) => watch(event.detail.elt));
window.addEventListener("beforeprint", () => {
  for (const place of document.querySelectorAll(".chart.wide")) draw(place); // the ones on paper, whatever the screen
});
watch(document);
