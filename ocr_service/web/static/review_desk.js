// One document on the desk: which field is before the eyes, what is answered, what is left.

import { Drafts } from "./review_drafts.js";
import { Field } from "./review_field.js";
import { Look } from "./review_look.js";
import { about, done, failed } from "./review_outcome.js";
import { Outbox } from "./review_outbox.js";
import { Scan } from "./review_scan.js";
import { calm, say, tell, trouble } from "./review_talk.js";

export class Desk {
  /** `acts` are next() and takeOver(), for when somebody else has the document. */
  constructor(sheet, acts) {
    this.sheet = sheet;
    this.id = Number(sheet.dataset.document);
    this.acts = acts;
    this.open = sheet.dataset.open === "true";
    this.fields = [...sheet.querySelectorAll(".field")].map((li) => new Field(li));
    this.byKey = new Map(this.fields.map((field) => [field.key, field]));
    this.scan = new Scan(sheet);
    this.history = [];
    this.issues = [];
    this.current = null;
    this.keystrokes = 0;
    this.blank = sheet.dataset.blank;
    const user = sheet.dataset.user;
    this.drafts = new Drafts(this.id, user);
    this.look = new Look(this.id, this.fields, this.drafts);
    this.outbox = new Outbox({
      document: this.id,
      version: Number(sheet.dataset.version),
      user,
      on: {
        done: (entry, answer) => done(this, entry, answer),
        failed: (entry, error) => failed(this, entry, error),
        trouble: (error) => (error ? trouble(error, this.acts) : calm()),
      },
    });
    this.#listen();
    this.#restore();
  }

  /** Begin with the first open field. */
  start() {
    this.count();
    const first = this.#path().find((field) => !field.postponed) ?? null;
    if (first) {
      this.go(first);
    } else {
      this.#finish();
    }
  }

  /** Nothing is open any more: the approval waits for Enter. */
  #finish() {
    this.current?.li.classList.remove("current");
    this.current = null;
    this.approveButton?.focus({ preventScroll: true });
  }

  get approveButton() {
    return this.sheet.querySelector('[data-act="approve"]');
  }

  /** Fields that are shown: the path, what was answered on it, or all. */
  #shown() {
    const all = this.sheet.classList.contains("all");
    return this.fields.filter((field) => all || field.inPath || field.li.classList.contains("met"));
  }

  #path() {
    return this.fields.filter((field) => field.inPath);
  }

  get left() {
    return this.#path().length;
  }

  go(field) {
    if (this.current && this.current !== field) {
      this.current.li.classList.remove("current");
    }
    this.current = field;
    this.since = performance.now();
    this.keystrokes = 0;
    field.li.classList.add("current", "met");
    this.scan.show(field);
    field.focus();
  }

  move(step) {
    const shown = this.#shown();
    const now = this.current ? shown.indexOf(this.current) : shown.length;
    if (now + step >= shown.length) {
      this.#finish();
    } else {
      this.go(shown[Math.max(now + step, 0)]);
    }
  }

  /** The next open field behind this one, from the front again, else the approval. */
  advance() {
    const waiting = this.#path().filter((field) => !field.postponed);
    const place = this.fields.indexOf(this.current);
    const next = waiting.find((field) => this.fields.indexOf(field) > place) ?? waiting[0];
    if (next) {
      this.go(next);
    } else {
      this.#finish();
    }
  }

  /** Take what stands in the field as the answer, and go on. */
  confirm() {
    const field = this.current;
    const refusal = field.refusal ?? (field.fit ? null : this.#unfit(field));
    if (refusal && !(field.dirty && !field.refusal)) {
      field.refuse(say(`refusal.${refusal}`));
      return;
    }
    this.#answer(field, { value: field.entered, illegible: false });
  }

  #unfit(field) {
    return field.kind === "one" ? "option" : "text";
  }

  illegible() {
    this.#answer(this.current, { value: null, illegible: true });
  }

  #answer(field, { value, illegible }) {
    const effort = { ms: Math.round(performance.now() - this.since), keystrokes: this.keystrokes };
    const entry = { act: "answer", key: field.key, value, illegible, effort, base: field.saved };
    field.refuse("");
    field.postponed = false;
    field.expect(illegible ? "illegible" : "human", field.words(value, this.blank));
    this.history.push(field.key);
    this.drafts.drop(field.key, { confirmed: true });
    this.outbox.push(entry);
    this.count();
    this.advance();
  }

  postpone() {
    const field = this.current;
    field.postponed = true;
    this.outbox.push({ act: "postpone", key: field.key, effort: { ms: 0, keystrokes: 1 } });
    this.advance();
  }

  /** Put typing back; with nothing typed, take back the last answer. False if there is none. */
  undo() {
    if (this.current && !this.current.pristine && this.current.dirty) {
      this.current.reset();
      this.drafts.drop(this.current.key, { confirmed: false });
      this.current.focus();
      return true;
    }
    const key = this.history.pop();
    if (key === undefined) {
      return false;
    }
    const field = this.byKey.get(key);
    const unsent = this.outbox.recall(key);
    if (unsent) {
      field.entered = unsent.base;
      field.judge(about(field, this.issues));
    } else {
      this.outbox.push({ act: "undo", key });
    }
    this.go(field);
    tell("said.undone");
    return true;
  }

  pasted(text) {
    if (text.length > 2000) {
      this.current.refuse(say("refusal.long"));
      return false;
    }
    return true;
  }

  toggleAll() {
    const on = this.sheet.classList.toggle("all");
    this.sheet.querySelector('[data-act="all"]').checked = on;
    this.current?.focus();
  }

  close() {
    this.outbox.close();
    this.scan.close();
    this.look.close();
  }

  #listen() {
    for (const field of this.fields) {
      field.li.querySelector(".line").addEventListener("click", () => this.go(field));
      for (const input of field.inputs) {
        input.addEventListener("input", () => {
          field.chosen(input);
          this.look.changed(field);
        });
        input.addEventListener("focus", () => this.current === field || this.go(field));
      }
      field.picks.forEach((pick, index) =>
        pick.addEventListener("click", () => field.pick(index) && this.look.changed(field)),
      );
    }
    this.sheet.querySelector('[data-act="all"]')?.addEventListener("change", () => {
      this.sheet.classList.toggle("all");
    });
  }

  #restore() {
    for (const field of this.fields) {
      const stored = field.li.dataset.draft;
      const draft = this.drafts.local[field.key] ?? (stored ? JSON.parse(stored) : undefined);
      if (stored) {
        this.drafts.known(field.key);
      }
      if (draft !== undefined) {
        field.entered = draft;
        field.li.dataset.path = "true";
        field.hint(say("said.draft"));
      }
    }
    if (this.outbox.restored) {
      for (const entry of this.outbox.entries.filter((each) => each.act === "answer")) {
        this.byKey.get(entry.key)?.expect("human", this.byKey.get(entry.key).words(entry.value, ""));
      }
      tell("net.restored");
      this.outbox.resume();
    }
  }

  /** Show how much is left, and the states on the sheet. */
  count() {
    for (const field of this.fields) {
      const on = field === this.current ? " on" : "";
      this.scan.mark(field)?.setAttribute("class", `mark desk-${field.state}${on}`);
    }
    const place = this.sheet.querySelector("[data-left]");
    if (place) {
      place.textContent = String(this.left);
    }
  }
}
