// Keying one field after another. The page never knows what machine or others say of a field.

import { watchConversion } from "./ime.js";

const root = document.getElementById("chip");
const label = document.getElementById("label");
const picture = document.getElementById("picture");
const form = document.getElementById("form");
const typing = document.getElementById("typing");
const input = document.getElementById("value");
const choices = document.getElementById("options");
const said = document.getElementById("said");
const none = document.getElementById("none");
const count = document.getElementById("count");
const isConverting = watchConversion(input);

let chip = null;
let picked = new Set();
let blankAsked = false;
let busy = false;
let kept = 0;
let shownAt = 0;
let keystrokes = 0;

function tell(words, bad = false) {
  said.textContent = words;
  said.classList.toggle("bad", bad);
}

function send(address, body) {
  return fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function next(skipped = null) {
  const batch = root.dataset.batch ? Number(root.dataset.batch) : null;
  const answer = await send("/api/v1/chips/next", { batch, skipped });
  if (!answer.ok) {
    throw new Error(String(answer.status));
  }
  show(answer.status === 204 ? null : await answer.json());
}

function show(given) {
  chip = given;
  picked = new Set();
  blankAsked = false;
  input.value = "";
  form.hidden = picture.hidden = !chip;
  none.hidden = Boolean(chip);
  label.textContent = chip ? (root.dataset.language === "ja" ? chip.label_ja : chip.label_en) : "";
  if (!chip) {
    picture.removeAttribute("src");
    none.querySelector("a").focus();
    return;
  }
  picture.src = chip.picture;
  const options = chip.options.length > 0;
  typing.hidden = options;
  choices.hidden = !options;
  choices.replaceChildren(...chip.options.map(button));
  input.inputMode = chip.kind === "digits" ? "numeric" : "text";
  (options ? choices : input).focus();
  shownAt = performance.now();
  keystrokes = 0;
}

function button(option, index) {
  const made = document.createElement("button");
  made.type = "button";
  made.tabIndex = -1;
  made.setAttribute("aria-pressed", "false");
  const key = document.createElement("kbd");
  key.textContent = String(index + 1);
  made.append(key, ` ${root.dataset.language === "ja" ? option.ja : option.en}`);
  made.addEventListener("click", () => pick(index));
  return made;
}

function pick(index) {
  const option = chip.options[index];
  if (!option) {
    return;
  }
  const had = picked.has(option.value);
  if (!chip.multiple) {
    picked.clear();
  }
  if (had) {
    picked.delete(option.value);
  } else {
    picked.add(option.value);
  }
  blankAsked = false;
  chip.options.forEach((one, place) =>
    choices.children[place].setAttribute("aria-pressed", String(picked.has(one.value))),
  );
}

function value() {
  if (!chip.options.length) {
    return input.value.trim() || null;
  }
  if (!picked.size) {
    return null;
  }
  return chip.multiple ? [...picked] : [...picked][0];
}

async function keep(illegible = false) {
  if (busy || !chip) {
    return;
  }
  const entered = illegible ? null : value();
  if (entered === null && !illegible && !blankAsked) {
    blankAsked = true;
    tell(root.dataset.confirmBlank);
    return;
  }
  busy = true;
  const body = {
    value: entered,
    illegible,
    ms: Math.min(Math.round(performance.now() - shownAt), 3_600_000),
    keystrokes,
  };
  try {
    const answer = await send(`/api/v1/chips/${chip.id}/entry`, body);
    if (answer.status === 422) {
      tell(root.dataset.refused, true);
    } else if (answer.status === 409) {
      tell(root.dataset.lost, true);
      await next();
    } else if (answer.ok) {
      kept += 1;
      tell(root.dataset.kept);
      await next();
      count.textContent = String(kept);
    } else {
      throw new Error(String(answer.status));
    }
  } catch {
    tell(root.dataset.failed, true);
  }
  busy = false;
}

async function skip() {
  if (busy || !chip) {
    return;
  }
  busy = true;
  const put = chip.id;
  try {
    await send(`/api/v1/chips/${put}/release`, {});
    await next(put);
    tell("");
  } catch {
    tell(root.dataset.failed, true);
  }
  busy = false;
}

function clear() {
  input.value = "";
  picked.clear();
  for (const one of choices.children) {
    one.setAttribute("aria-pressed", "false");
  }
  blankAsked = false;
  tell("");
}

document.addEventListener("keydown", (event) => {
  if (isConverting(event) || event.ctrlKey || event.metaKey || event.altKey || !chip) {
    return;
  }
  if (event.target instanceof Element && event.target.closest("a, .who")) {
    return;
  }
  keystrokes += event.repeat ? 0 : 1;
  const acts = { Enter: () => keep(), F4: () => keep(true), F6: skip, Escape: clear };
  if (acts[event.key]) {
    event.preventDefault();
    if (!event.repeat) {
      acts[event.key]();
    }
  } else if (chip.options.length && event.key >= "1" && event.key <= "9") {
    event.preventDefault();
    pick(Number(event.key) - 1);
  }
});
input.addEventListener("input", () => {
  blankAsked = false;
});
form.addEventListener("submit", (event) => event.preventDefault());

next().catch(() => tell(root.dataset.failed, true));
