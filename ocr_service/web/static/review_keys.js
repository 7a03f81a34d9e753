// What each key does. Keys that an input method still works with are never ours.

import { toggleHelp } from "./review_talk.js";

const CONVERTING = 229; // what browsers report for a key that belongs to an input method
const MODIFIERS = new Set(["Shift", "Control", "Alt", "Meta", "CapsLock", "Process"]);

/** Whether this key press belongs to a conversion: Enter that ends one confirms nothing. */
export function isConverting(event) {
  return event.isComposing || event.keyCode === CONVERTING;
}

const digitOf = (event) => /^(?:Digit|Numpad)([0-9])$/.exec(event.code)?.[1];

function onChoice(event, desk) {
  const field = desk.current;
  const place = field.li.querySelector("[data-conflict]:not([hidden])");
  const digit = digitOf(event);
  if (place) {
    const side = place.querySelector(`[data-digit="${digit}"]`);
    side?.click();
    return Boolean(side);
  }
  if (event.altKey && digit) {
    return field.pick(Number(digit) - 1) && (desk.look.changed(field), true);
  }
  if (field.isText || event.altKey) {
    return false;
  }
  const letter = field.kind === "flag" ? { y: "1", n: "2" }[event.key.toLowerCase()] : undefined;
  const wanted = digit ?? letter;
  return wanted !== undefined && field.digit(Number(wanted)) && (desk.look.changed(field), true);
}

function onField(event, flow) {
  const { desk } = flow;
  const typing = desk.current.isText && !desk.current.pristine;
  switch (event.key) {
    case "Enter":
      if (!event.repeat && !desk.current.li.querySelector("[data-conflict]:not([hidden])")) {
        desk.confirm();
        return true;
      }
      return event.repeat;
    case "F2":
      return desk.current.cycle() && (desk.look.changed(desk.current), true);
    case "F4":
      return event.altKey ? false : (desk.illegible(), true);
    case "F6":
      return event.shiftKey ? false : (desk.postpone(), true);
    case " ":
      return typing ? false : (desk.scan.toggle(), true);
    default:
      return onChoice(event, desk);
  }
}

function anywhere(event, flow) {
  switch (event.key) {
    case "Enter":
      return event.repeat; // a key held down approves nothing
    case "ArrowUp":
      return flow.desk.move(-1), true;
    case "ArrowDown":
      return flow.desk.move(1), true;
    case "F1":
      return toggleHelp(), true;
    case "F6":
      return event.shiftKey && (flow.postponeAll(), true);
    case "F8":
      return flow.desk.toggleAll(), true;
    case "F9":
      return event.repeat || (flow.approve(), true);
    case "Escape":
      return flow.undo(), true;
    case "?":
      return document.activeElement?.type !== "text" && (toggleHelp(), true);
    default:
      return false;
  }
}

/** Listen to the keyboard for as long as the page lives. */
export function listen(flow) {
  document.addEventListener("keydown", (event) => {
    if (isConverting(event) || document.querySelector("dialog[open]")) {
      return;
    }
    if (!MODIFIERS.has(event.key)) {
      flow.desk.keystrokes += 1;
    }
    if (event.ctrlKey || event.metaKey) {
      return;
    }
    const inField = flow.desk.current?.li.contains(document.activeElement);
    if ((inField && onField(event, flow)) || anywhere(event, flow)) {
      event.preventDefault();
    }
  });
  document.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text") ?? "";
    if (flow.desk.current?.isText && !flow.desk.pasted(text)) {
      event.preventDefault();
    }
  });
  document.getElementById("help-open").addEventListener("click", toggleHelp);
}
