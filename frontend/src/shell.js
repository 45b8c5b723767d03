// What every page does in a browser. Pages work without it; this makes them quicker and kinder.
import htmx from "htmx.org";
import "./styles.css";

window.htmx = htmx;
document.documentElement.classList.add("scripted");

/** Colours and shares stand in data attributes, because style attributes are forbidden. */
function paint(root) {
  for (const [name, property] of [["s", "--s"], ["c", "--c"]]) {
    for (const element of root.querySelectorAll(`[data-${name}]`)) {
      element.style.setProperty(property, element.dataset[name]);
    }
  }
}

/** The answer to "where does this number come from" opens beside the number, not on another page. */
async function explain(link) {
  const dialog = document.getElementById("explain");
  const body = dialog?.querySelector("[data-answer]");
  if (!body) return false;
  await htmx.ajax("GET", link.href, { target: body, swap: "innerHTML" });
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  return true;
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (!target) return;
  const ask = target.closest("a.ask");
  if (ask && !event.ctrlKey && !event.metaKey && !event.shiftKey && document.getElementById("explain")) {
    event.preventDefault();
    explain(ask).catch(() => { window.location.href = ask.href; });
    return;
  }
  if (target.closest("[data-print]")) window.print();
  const close = target.closest("[data-close]");
  if (close) close.closest("dialog")?.close();
  if (target instanceof HTMLDialogElement) target.close();
});

document.addEventListener("change", (event) => {
  if (event.target instanceof HTMLSelectElement && "submit" in event.target.dataset) event.target.form?.requestSubmit();
});

/** A slider and the number beside it say the same. */
document.addEventListener("input", (event) => {
  const source = event.target;
  if (!(source instanceof HTMLInputElement) || !source.dataset.twin) return;
  const twin = document.getElementById(source.dataset.twin);
  if (twin instanceof HTMLInputElement && twin.value !== source.value) {
    twin.value = source.value;
    twin.dispatchEvent(new Event("change", { bubbles: true }));
  }
});

/** Folded tables belong on paper too where nothing else shows their numbers. */
window.addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("details.long, details[data-print-open]")) fold.open = true;
});

document.addEventListener("DOMContentLoaded", () => paint(document));
document.addEventListener("htmx:load", (event) => paint(event.detail.elt));
paint(document);
