// One screen of crops, worked by keyboard: arrows, Space, digits, Enter, Esc.
// A confirmation is sent behind the scenes while the next screen, fetched before, already shows.

import { complain, report, tell, warn } from "./group_notices.js";
import { dress, fetchScreen, post } from "./group_server.js";
import { Tiles } from "./group_tiles.js";
import { watchConversion } from "./ime.js";

const root = document.getElementById("group");
const left = document.getElementById("left");
const editor = document.getElementById("editor");
const input = document.getElementById("value");
const cells = root.dataset.cells === "1";
const tiles = new Tiles(root.dataset, JSON.parse(root.dataset.options), cells);

let shownAt = performance.now();
let keystrokes = 0;
let ahead = null; // the next screen, on its way
let sending = Promise.resolve();
let busy = false;
const done = []; // confirmations that Esc takes back, the last one last

function show(screen, following = null) {
  if (screen.parentNode !== root) {
    root.replaceChildren(screen);
  }
  left.textContent = screen.dataset.total;
  shownAt = performance.now();
  keystrokes = 0;
  root.scrollTop = 0;
  document.getElementById("grid").focus({ preventScroll: true });
  const number = tiles.lay(screen);
  // Without it the next screen is fetched when it is wanted.
  ahead = number ? (following ?? fetchScreen(root.dataset.address, number)).catch(() => null) : null;
}

function edit() {
  if (root.dataset.typed !== "1") {
    return;
  }
  editor.hidden = false;
  const tile = tiles.current;
  input.value = tile.querySelector(".read").textContent || tile.dataset.text;
  input.select();
  input.focus();
}

function closeEditor() {
  editor.hidden = true;
  document.getElementById("grid").focus({ preventScroll: true });
}

async function confirm() {
  if (busy || !tiles.all.length) {
    return;
  }
  busy = true;
  warn(null);
  const screen = root.querySelector(".group-screen");
  const rest = Number(screen.dataset.total) - tiles.all.length;
  const body = {
    template: root.dataset.template,
    version: root.dataset.version,
    said: tiles.verdicts(),
    ms: Math.min(Math.round(performance.now() - shownAt), 3_600_000),
    keystrokes,
  };
  tell("saving");
  sending = post("/api/v1/review/confirmations", body).then(keep, () => fail(screen));
  const next = await ahead;
  if (next?.querySelector(".tile")) {
    next.dataset.total = String(rest);
    const number = next.querySelectorAll(".tile").length;
    // What comes behind it is counted once this screen is stored.
    show(next, sending.then((good) => (good ? fetchScreen(root.dataset.address, number) : null)));
  } else if (await sending) {
    await refresh();
  }
  busy = false;
}

async function refresh() {
  try {
    show(await fetchScreen(root.dataset.address, 0));
  } catch {
    warn("offline");
  }
}

function keep(outcome) {
  done.push(outcome.confirmation);
  report(outcome, cells);
  return true;
}

/** Nothing is lost: the screen comes back with its marks. */
function fail(screen) {
  tell("");
  warn("failed");
  show(screen);
  return false;
}

async function undo() {
  if (busy) {
    return;
  }
  busy = true;
  await sending;
  const last = done.pop();
  if (last === undefined) {
    tell("none");
    busy = false;
    return;
  }
  try {
    const outcome = await post(`/api/v1/review/confirmations/${last}/undo`, {});
    tell("undone");
    warn(null);
    complain(outcome.refused);
    await refresh();
  } catch {
    done.push(last);
    warn("failed");
  }
  busy = false;
}

function escape() {
  if (!tiles.clear()) {
    undo();
  }
}

const keys = {
  ArrowRight: () => tiles.go(tiles.here + 1),
  ArrowLeft: () => tiles.go(tiles.here - 1),
  ArrowDown: () => tiles.go(tiles.beside(1)),
  ArrowUp: () => tiles.go(tiles.beside(-1)),
  Home: () => tiles.go(0),
  End: () => tiles.go(tiles.last),
  " ": () => tiles.toggle(),
  F2: edit,
  F9: () => window.open(`/documents/${tiles.current.dataset.document}`, "_blank", "noopener"),
};

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  if (event.target instanceof Element && event.target.closest("#editor, a, button")) {
    return;
  }
  keystrokes += event.repeat ? 0 : 1;
  if (event.key === "Enter") {
    event.preventDefault();
    if (!event.repeat) {
      confirm();
    }
  } else if (event.key === "Escape") {
    event.preventDefault();
    escape();
  } else if (tiles.all.length && (keys[event.key] || tiles.typed(event.key))) {
    event.preventDefault();
    keys[event.key]?.();
  }
});

const isConverting = watchConversion(input);
input.addEventListener("keydown", (event) => {
  keystrokes += 1;
  const converting = isConverting(event);
  if (event.key === "Enter") {
    event.preventDefault();
    if (!converting) {
      tiles.give(input.value, input.value || root.dataset.blank);
      closeEditor();
    }
  } else if (event.key === "Escape" && !converting) {
    closeEditor();
  }
});
editor.addEventListener("submit", (event) => event.preventDefault());

root.addEventListener("click", (event) => {
  const tile = event.target instanceof Element ? event.target.closest(".tile") : null;
  if (tile) {
    tiles.go(tiles.all.indexOf(tile));
    tiles.toggle();
  }
});

const first = root.querySelector(".group-screen");
dress(first);
show(first);
