// One field of the form: its control, what stands in it, and how it looks.

const equal = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** An issue that asks for somebody. */
function open(issue) {
  const line = document.createElement("li");
  line.className = `severity-${issue.severity}`;
  const badge = document.getElementById(`severity-${issue.severity}`);
  line.append(badge.content.cloneNode(true), " ", issue.message);
  return line;
}

/** An issue that somebody waived, with who and why. */
function waived(issue) {
  const line = document.createElement("li");
  line.className = "is-waived";
  const badge = document.getElementById("issue-waived");
  const said = document.createElement("span");
  said.className = "waived";
  const why = document.createElement("small");
  const words = { by: issue.waiver.by, reason: issue.waiver.reason };
  why.textContent = badge.dataset.words.replaceAll(/\{(by|reason)\}/g, (_, name) => words[name]);
  said.append(issue.message, " ", why);
  line.append(badge.content.cloneNode(true), " ", said);
  return line;
}

/** The state of a field, as the server judges it too. */
export function stateOf({ value, source, status, flags }, issues) {
  const severities = new Set(issues.filter((i) => !i.waived).map((issue) => issue.severity));
  if (severities.has("error")) {
    return "broken";
  }
  if (flags.includes("illegible")) {
    return "illegible";
  }
  if (source === "human") {
    return "human";
  }
  if (status === "review" || severities.has("warning")) {
    return "open";
  }
  return value === null || value.length === 0 ? "empty" : "accepted";
}

export class Field {
  constructor(li) {
    this.li = li;
    this.key = li.dataset.key;
    this.kind = li.dataset.kind;
    this.box = li.dataset.box.split(" ").map(Number);
    this.saved = JSON.parse(li.dataset.value);
    this.source = {
      value: this.saved,
      source: li.dataset.source,
      status: li.dataset.status,
      flags: li.dataset.state === "illegible" ? ["illegible"] : [],
    };
    this.inputs = [...li.querySelectorAll(".entry")];
    this.picks = [...li.querySelectorAll("[data-pick]")];
    this.pristine = true;
    this.turn = -1;
  }

  get state() {
    return this.li.dataset.state;
  }

  get inPath() {
    return this.li.dataset.path === "true";
  }

  get postponed() {
    return this.li.dataset.postponed === "true";
  }

  set postponed(on) {
    this.li.dataset.postponed = String(on);
  }

  get isText() {
    return this.kind === "text";
  }

  get dirty() {
    return !equal(this.entered, this.saved);
  }

  /** Whether Enter may confirm: typed by a person, or a value that the field can hold. */
  get fit() {
    return this.dirty || this.li.dataset.fit === "true";
  }

  /** What stands in the control, as JSON carries it. */
  get entered() {
    if (this.isText) {
      return this.inputs[0].value.trim() === "" ? null : this.inputs[0].value;
    }
    const chosen = this.inputs.filter((input) => input.checked).map((i) => JSON.parse(i.value));
    if (this.kind === "many") {
      const values = chosen.filter((value) => value !== null).sort();
      return values.length ? values : null;
    }
    return chosen.length ? chosen[0] : this.saved;
  }

  set entered(value) {
    if (this.isText) {
      this.inputs[0].value = value ?? "";
      return;
    }
    const wanted = Array.isArray(value) && value.length ? value : [value ?? null];
    for (const input of this.inputs) {
      input.checked = wanted.some((each) => equal(each, JSON.parse(input.value)));
    }
  }

  /** Put the control back to what is kept. */
  reset() {
    this.entered = this.saved;
    this.pristine = true;
    this.refuse("");
  }

  focus() {
    this.pristine = true;
    this.turn = -1;
    const control = this.isText
      ? this.inputs[0]
      : (this.inputs.find((input) => input.checked) ?? this.inputs[0]);
    control.focus({ preventScroll: true });
    if (this.isText) {
      control.select();
    }
    this.li.scrollIntoView({ block: "nearest" });
  }

  /** Choose by digit; true if it did. */
  digit(number) {
    const input =
      number === 0
        ? this.inputs.find((each) => each.value === (this.kind === "flag" ? "false" : "null"))
        : this.inputs.filter((each) => each.value !== "null")[number - 1];
    if (!input) {
      return false;
    }
    if (this.kind !== "many") {
      input.checked = true;
    } else if (number === 0) {
      this.entered = null;
    } else {
      input.checked = !input.checked;
      this.#settleNone();
    }
    input.focus({ preventScroll: true });
    return true;
  }

  /** Boxes and "nothing marked" exclude each other. */
  #settleNone() {
    const none = this.inputs.find((each) => each.value === "null");
    none.checked = !this.inputs.some((each) => each !== none && each.checked);
  }

  chosen(input) {
    if (this.kind !== "many") {
      return;
    }
    if (input.value === "null" && input.checked) {
      this.entered = null;
    } else {
      this.#settleNone();
    }
  }

  /** Take the machine's n-th other reading; true if there is one. */
  pick(index) {
    const button = this.picks[index];
    if (!button) {
      return false;
    }
    this.entered = JSON.parse(button.dataset.pick);
    this.turn = index;
    return true;
  }

  /** The next other reading, or the next option; back to what is kept after the last. */
  cycle() {
    if (this.picks.length) {
      if (this.turn + 1 < this.picks.length) {
        return this.pick(this.turn + 1);
      }
      this.reset();
      this.turn = -1;
      return true;
    }
    if (this.kind === "one" || this.kind === "flag") {
      const now = this.inputs.findIndex((input) => input.checked);
      this.inputs[(now + 1) % this.inputs.length].checked = true;
      return true;
    }
    return false;
  }

  /** Show a value in words. */
  words(value, blank) {
    if (this.isText) {
      return value ?? blank;
    }
    const values = Array.isArray(value) ? value : [value];
    const names = this.inputs
      .filter((input) => values.some((each) => equal(each, JSON.parse(input.value))))
      .map((input) => input.parentElement.lastChild.textContent.trim());
    return names.join("、") || (value ?? blank);
  }

  /** What is about to be kept, before the server has answered. */
  expect(state, shown) {
    this.li.dataset.state = state;
    this.li.dataset.path = "false";
    this.li.querySelector("[data-shown]").textContent = shown;
  }

  /** What the server says is kept now. */
  kept(field, issues, blank) {
    this.saved = field.value;
    this.li.dataset.fit = "true";
    this.entered = field.value;
    this.pristine = true;
    this.turn = -1;
    this.li.querySelector("[data-shown]").textContent = this.words(field.value, blank);
    this.source = field;
    this.judge(issues);
  }

  /** How the rules see it now. */
  judge(issues) {
    const state = stateOf(this.source, issues);
    this.li.dataset.state = state;
    this.li.dataset.path = String(state === "open" || state === "broken");
    this.showIssues(issues);
  }

  /** List broken rules beside the field. */
  showIssues(issues) {
    const list = this.li.querySelector("[data-issues]");
    list.replaceChildren(...issues.map((issue) => (issue.waived ? waived(issue) : open(issue))));
  }

  hint(text) {
    this.li.querySelector("[data-hint]").textContent = text;
  }

  /** Say why this cannot be kept; "" takes it back. */
  refuse(words) {
    const line = this.li.querySelector("[data-refusal]");
    line.hidden = words === "";
    line.textContent = words;
    for (const input of this.inputs) {
      input.toggleAttribute("aria-invalid", words !== "");
      if (words !== "") {
        input.setAttribute("aria-invalid", "true");
      }
    }
  }
}
