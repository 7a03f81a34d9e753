// What the page tells the reviewer besides the fields: troubles, choices, reasons, the list of keys.

import { Expired, Offline } from "./review_api.js";

const WORDS = JSON.parse(document.getElementById("words").textContent);

export const say = (key) => WORDS[key] ?? key;

/** Tell in passing, read out by screen readers. */
export function tell(key, tone = "calm", more = "") {
  const line = document.getElementById("said");
  line.textContent = key ? [say(key), more].filter(Boolean).join(" ") : "";
  line.dataset.tone = tone;
}

const made = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

export const clock = (moment) =>
  new Date(moment).toLocaleTimeString(document.documentElement.lang, {
    hour: "2-digit",
    minute: "2-digit",
    timeZone: "Asia/Tokyo",
  });

function notice(kind, text, ...actions) {
  const place = document.getElementById("notices");
  if (place.dataset.kind === kind) {
    return;
  }
  place.dataset.kind = kind;
  place.replaceChildren(made("div", { className: "trouble" }, made("p", {}, text), ...actions));
}

/** No trouble any more. */
export function calm() {
  const place = document.getElementById("notices");
  delete place.dataset.kind;
  place.replaceChildren();
}

/** Say what keeps answers from being sent; `acts` are takeOver() and next(). */
export function trouble(error, acts) {
  if (error instanceof Offline) {
    notice("offline", say("net.offline"));
  } else if (error instanceof Expired) {
    const link = made("a", { href: "/login", target: "_blank", className: "button" });
    link.textContent = say("net.login");
    notice("expired", say("net.expired"), link);
  } else {
    held(error.problem.holder, clock(error.problem.until), acts);
  }
}

/** Say who else has the document. */
export function held(name, until, { takeOver, next }) {
  const take = made("button", { type: "button", className: "button", onclick: takeOver });
  take.textContent = say("held.take");
  const go = made("button", { type: "button", className: "button", onclick: next });
  go.textContent = document.querySelector("[data-next-words]").dataset.nextWords;
  const english = document.documentElement.lang === "en";
  const text = english
    ? `${name} ${say("held.by")} ${say("held.until")} ${until}. ${say("held.kept")}`
    : `${name} さん${say("held.by")}（${until} ${say("held.until")}）。${say("held.kept")}`;
  notice("held", text, take, go);
}

/** Let the reviewer choose between two values; gives "yours" or "theirs" to `chosen`. */
export function choose(field, yours, theirs, chosen) {
  const place = field.li.querySelector("[data-conflict]");
  const button = (digit, word, value, which) => {
    const act = () => {
      place.hidden = true;
      place.replaceChildren();
      chosen(which);
    };
    const label = made("button", { type: "button", className: "side", onclick: act });
    label.dataset.digit = digit;
    label.append(made("kbd", {}, digit), " ", made("small", {}, word), made("b", {}, value));
    return label;
  };
  const who = theirs.by ? `${say("conflict.theirs")}（${theirs.by} ${clock(theirs.at)}）` : say("conflict.theirs");
  place.replaceChildren(
    made("p", {}, say("conflict.title")),
    button("1", say("conflict.yours"), yours, "yours"),
    button("2", who, theirs.text, "theirs"),
  );
  place.hidden = false;
  place.querySelector("button").focus();
}

/** Ask why a record is approved although rules are broken; null = not approved. */
export function askReason(messages) {
  const dialog = document.getElementById("reason");
  const text = document.getElementById("reason-text");
  document
    .getElementById("reason-issues")
    .replaceChildren(...messages.map((message) => made("li", {}, message)));
  text.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  text.focus();
  return new Promise((resolve) => {
    dialog.onclose = () => {
      const reason = text.value.trim();
      resolve(dialog.returnValue === "approve" && reason ? reason : null);
    };
  });
}

/** Show or hide the list of keys. */
export function toggleHelp() {
  const dialog = document.getElementById("help");
  if (dialog.open) {
    dialog.close();
  } else {
    dialog.showModal();
  }
}
