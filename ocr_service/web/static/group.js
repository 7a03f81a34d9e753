// One screen of crops, worked by keyboard: arrows, Space, digits, Enter, Esc.
// A confirmation is sent behind the scenes while the next screen, fetched before, already shows.

import { watchConversion } from "./ime.js";

const root = document.getElementById("group");
const status = document.getElementById("said");
const trouble = document.getElementById("trouble");
const left = document.getElementById("left");
const editor = document.getElementById("editor");
const input = document.getElementById("value");
const options = JSON.parse(root.dataset.options);
const cells = root.dataset.cells === "1";
const EMPTY = "_";

let tiles = [];
let here = 0;
let shownAt = performance.now();
let keystrokes = 0;
let ahead = null; // the next screen, on its way
let sending = Promise.resolve();
let busy = false;
const done = []; // confirmations that Esc takes back, the last one last

function dress(screen) {
  const { width, height } = screen.dataset;
  const sprites = JSON.parse(screen.dataset.sprites);
  for (const tile of screen.querySelectorAll(".tile")) {
    const pic = tile.querySelector(".pic");
    pic.style.width = `${width}px`;
    pic.style.height = `${height}px`;
    tile.style.maxWidth = `${Number(width) + 4}px`;
    pic.style.backgroundImage = `url("${sprites[tile.dataset.sprite]}")`;
    pic.style.backgroundPositionY = `${-height * tile.dataset.row}px`;
  }
  return sprites;
}

function show(screen, following = null) {
  if (screen.parentNode !== root) {
    root.replaceChildren(screen);
  }
  tiles = [...screen.querySelectorAll(".tile")];
  left.textContent = screen.dataset.total;
  here = 0;
  shownAt = performance.now();
  keystrokes = 0;
  root.scrollTop = 0;
  document.getElementById("grid").focus({ preventScroll: true });
  if (tiles.length) {
    go(0);
    // Without it the next screen is fetched when it is wanted.
    ahead = (following ?? fetchScreen(tiles.length)).catch(() => null);
  } else {
    ahead = null;
  }
}

async function fetchScreen(offset) {
  const answer = await fetch(`${root.dataset.address}&fragment=1&offset=${offset}`);
  if (!answer.ok) {
    throw new Error(String(answer.status));
  }
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  const screen = holder.content.querySelector(".group-screen");
  for (const address of dress(screen)) {
    new Image().src = address;
  }
  return screen;
}

function go(to) {
  if (to < 0 || to >= tiles.length) {
    return;
  }
  tiles[here]?.classList.remove("here");
  here = to;
  const tile = tiles[here];
  tile.classList.add("here");
  tile.scrollIntoView({ block: "nearest" });
  document.getElementById("grid").setAttribute("aria-activedescendant", tile.id);
}

/** The tile above or below: the nearest one in the next row that way. */
function beside(step) {
  const from = tiles[here].getBoundingClientRect();
  const middle = from.left + from.width / 2;
  let best = here;
  let row = null;
  for (let i = here + step; i >= 0 && i < tiles.length; i += step) {
    const at = tiles[i].getBoundingClientRect();
    if (Math.abs(at.top - from.top) < 2) {
      continue;
    }
    row ??= at.top;
    if (Math.abs(at.top - row) > 2) {
      break;
    }
    const gap = Math.abs(at.left + at.width / 2 - middle);
    if (best === here || gap < Math.abs(centre(best) - middle)) {
      best = i;
    }
  }
  return best;
}

function centre(i) {
  const at = tiles[i].getBoundingClientRect();
  return at.left + at.width / 2;
}

function mark(tile, verdict, value, word) {
  tile.dataset.verdict = verdict;
  tile.dataset.value = JSON.stringify(value ?? null);
  tile.setAttribute("aria-selected", String(verdict === "different"));
  tile.classList.toggle("other", verdict === "other");
  tile.querySelector(".said").textContent = word ?? "";
}

function toggle() {
  const tile = tiles[here];
  if (tile.dataset.verdict) {
    clear(tile);
  } else {
    mark(tile, "different", null, root.dataset.different);
  }
}

function clear(tile) {
  mark(tile, "", null, "");
}

function give(value, word) {
  mark(tiles[here], "other", value, word);
  go(Math.min(here + 1, tiles.length - 1));
}

/** Takes a key as the right value of the tile; false if it says nothing about one. */
function typed(key) {
  if (cells) {
    if (key >= "0" && key <= "9") {
      give(key, key);
      return true;
    }
    if (key === "." || key === "_") {
      give(EMPTY, root.dataset.empty);
      return true;
    }
    return false;
  }
  if (!options.length) {
    return false;
  }
  if (key === "0") {
    give(null, root.dataset.blank);
    return true;
  }
  const option = options[Number(key) - 1];
  if (!option) {
    return false;
  }
  const [value, word] = option;
  give(value === "true" ? true : value === "false" ? false : value, word);
  return true;
}

function edit() {
  if (root.dataset.typed !== "1") {
    return;
  }
  editor.hidden = false;
  input.value = tiles[here].querySelector(".read").textContent || tiles[here].dataset.text;
  input.select();
  input.focus();
}

function closeEditor() {
  editor.hidden = true;
  document.getElementById("grid").focus({ preventScroll: true });
}

function verdicts() {
  return tiles.map((tile) => {
    const verdict = tile.dataset.verdict || (tile.dataset.fit === "1" ? "right" : "different");
    return {
      reading: Number(tile.dataset.reading),
      cell: tile.dataset.cell === "" ? null : Number(tile.dataset.cell),
      verdict,
      value: verdict === "other" ? JSON.parse(tile.dataset.value) : null,
    };
  });
}

async function post(address, body) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) {
    throw new Error(String(answer.status));
  }
  return answer.json();
}

async function confirm() {
  if (busy || !tiles.length) {
    return;
  }
  busy = true;
  trouble.hidden = true;
  const screen = root.querySelector(".group-screen");
  const rest = Number(screen.dataset.total) - tiles.length;
  const body = {
    template: root.dataset.template,
    version: root.dataset.version,
    said: verdicts(),
    ms: Math.min(Math.round(performance.now() - shownAt), 3_600_000),
    keystrokes,
  };
  status.textContent = status.dataset.saving;
  sending = post("/api/v1/review/confirmations", body).then(report, () => fail(screen));
  const next = await ahead;
  if (next?.querySelector(".tile")) {
    next.dataset.total = String(rest);
    const number = next.querySelectorAll(".tile").length;
    // What comes behind it is counted once this screen is stored.
    show(next, sending.then((good) => (good ? fetchScreen(number) : null)));
  } else if (await sending) {
    await refresh();
  }
  busy = false;
}

async function refresh() {
  try {
    show(await fetchScreen(0));
  } catch {
    trouble.replaceChildren(trouble.dataset.offline);
    trouble.hidden = false;
  }
}

function report(outcome) {
  done.push(outcome.confirmation);
  const said = [`${outcome.crops} ${status.dataset.saved}`];
  if (outcome.postponed) {
    said.push(`${outcome.postponed} ${status.dataset.postponed}`);
  }
  if (cells && outcome.fields) {
    said.push(`${outcome.fields} ${status.dataset.fields}`);
  }
  status.textContent = said.join("、");
  complain(outcome.refused);
  return true;
}

function complain(refused) {
  if (!refused.length) {
    return;
  }
  const list = document.createElement("ul");
  for (const one of refused) {
    const line = document.createElement("li");
    line.textContent = `${trouble.dataset[one.why]} `;
    if (one.document !== null) {
      const link = document.createElement("a");
      link.href = `/documents/${one.document}`;
      link.target = "_blank";
      link.textContent = `${trouble.dataset.document} ${one.document}`;
      line.append(link);
    }
    list.append(line);
  }
  trouble.replaceChildren(`${refused.length} ${trouble.dataset.refused}`, list);
  trouble.hidden = false;
}

/** Nothing is lost: the screen comes back with its marks. */
function fail(screen) {
  status.textContent = "";
  trouble.replaceChildren(trouble.dataset.failed);
  trouble.hidden = false;
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
    status.textContent = status.dataset.none;
    busy = false;
    return;
  }
  try {
    const outcome = await post(`/api/v1/review/confirmations/${last}/undo`, {});
    status.textContent = status.dataset.undone;
    trouble.hidden = true;
    complain(outcome.refused);
    await refresh();
  } catch {
    done.push(last);
    trouble.replaceChildren(trouble.dataset.failed);
    trouble.hidden = false;
  }
  busy = false;
}

function escape() {
  const tile = tiles[here];
  if (tile?.dataset.verdict) {
    clear(tile);
  } else {
    undo();
  }
}

const keys = {
  ArrowRight: () => go(here + 1),
  ArrowLeft: () => go(here - 1),
  ArrowDown: () => go(beside(1)),
  ArrowUp: () => go(beside(-1)),
  Home: () => go(0),
  End: () => go(tiles.length - 1),
  " ": toggle,
  F2: edit,
  F9: () => window.open(`/documents/${tiles[here].dataset.document}`, "_blank", "noopener"),
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
  } else if (tiles.length && (keys[event.key] || typed(event.key))) {
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
      give(input.value, input.value || root.dataset.blank);
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
    go(tiles.indexOf(tile));
    toggle();
  }
});

const first = root.querySelector(".group-screen");
dress(first);
show(first);
