// Ties the rows of values to their places on the scan: pointing at one lights up the other.

const pane = document.getElementById("pane");
const marks = new Map([...document.querySelectorAll(".overlay a")].map((a) => [a.dataset.box, a]));
const rows = new Map();
for (const row of document.querySelectorAll(".fields tr[data-box]")) {
  rows.set(row.dataset.box, [...(rows.get(row.dataset.box) ?? []), row]);
}

let lit = null;

function light(box) {
  if (box === lit) {
    return;
  }
  for (const [number, on] of [[lit, false], [box, true]]) {
    marks.get(number)?.classList.toggle("on", on);
    rows.get(number)?.forEach((row) => row.classList.toggle("on", on));
  }
  lit = box;
}

/** Scroll the scan so that a marked place is in view, without moving the page. */
function showOnScan(box) {
  const mark = marks.get(box);
  if (!mark || !pane) {
    return;
  }
  const place = mark.getBoundingClientRect();
  const view = pane.getBoundingClientRect();
  const hidden =
    place.top < view.top || place.bottom > view.bottom ||
    place.left < view.left || place.right > view.right;
  if (hidden) {
    pane.scrollBy({
      top: place.top + place.height / 2 - (view.top + view.height / 2),
      left: place.left + place.width / 2 - (view.left + view.width / 2),
      behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth",
    });
  }
}

function boxOf(event) {
  return event.target instanceof Element
    ? (event.target.closest("[data-box]")?.dataset.box ?? null)
    : null;
}

for (const table of document.querySelectorAll(".fields")) {
  for (const kind of ["mouseover", "focusin"]) {
    table.addEventListener(kind, (event) => {
      const box = boxOf(event);
      light(box);
      if (box !== null) {
        showOnScan(box);
      }
    });
  }
  table.addEventListener("mouseleave", () => light(null));
  // The label's address works without scripts; with them the scan moves on its own.
  table.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("th a") : null;
    if (link) {
      event.preventDefault();
      showOnScan(boxOf(event));
    }
  });
}

for (const overlay of document.querySelectorAll(".overlay")) {
  for (const kind of ["mouseover", "focusin"]) {
    overlay.addEventListener(kind, (event) => light(boxOf(event)));
  }
  overlay.addEventListener("mouseleave", () => light(null));
  overlay.addEventListener("click", (event) => {
    const row = rows.get(boxOf(event))?.[0];
    if (row) {
      event.preventDefault();
      const only = document.getElementById("only-review");
      if (only && row.dataset.status !== "review") {
        only.checked = false;
      }
      row.scrollIntoView({ block: "center" });
      row.querySelector("a")?.focus({ preventScroll: true });
    }
  });
}
