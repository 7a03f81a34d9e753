// One document on the desk: which field is before the eyes, what is answered, what is left.

import { call, language } from "./review_api.js";
import { Drafts } from "./review_drafts.js";
import { Field } from "./review_field.js";
import { Outbox } from "./review_outbox.js";
import { Scan } from "./review_scan.js";
import { calm, choose, say, tell, trouble } from "./review_talk.js";

const LOOK_MS = 120;

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
    this.outbox = new Outbox({
      document: this.id,
      version: Number(sheet.dataset.version),
      user,
      on: {
        done: (entry, answer) => this.#done(entry, answer),
        failed: (entry, error) => this.#failed(entry, error),
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
      field.judge(this.#about(field, this.issues));
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
    clearTimeout(this.looking);
  }

  #listen() {
    for (const field of this.fields) {
      field.li.querySelector(".line").addEventListener("click", () => this.go(field));
      for (const input of field.inputs) {
        input.addEventListener("input", () => {
          field.chosen(input);
          this.changed(field);
        });
        input.addEventListener("focus", () => this.current === field || this.go(field));
      }
      field.picks.forEach((pick, index) =>
        pick.addEventListener("click", () => field.pick(index) && this.changed(field)),
      );
    }
    this.sheet.querySelector('[data-act="all"]')?.addEventListener("change", () => {
      this.sheet.classList.toggle("all");
    });
  }

  /** Somebody typed or chose: keep it, and ask the server what it would come to. */
  changed(field) {
    field.pristine = false;
    field.refusal = null;
    field.refuse("");
    if (field.dirty) {
      this.drafts.put(field.key, field.entered);
    }
    clearTimeout(this.looking);
    this.looking = setTimeout(() => this.#look(field), LOOK_MS);
  }

  async #look(field) {
    const value = field.entered;
    let seen;
    try {
      const body = { values: { [field.key]: value } };
      seen = await call("POST", `/documents/${this.id}/preview?language=${language}`, { body });
    } catch {
      return; // it is only a look ahead; the answer itself is judged when it is sent
    }
    if (field.entered !== value && JSON.stringify(field.entered) !== JSON.stringify(value)) {
      return;
    }
    const refusal = seen.refusals[field.key];
    const found = seen.fields[field.key];
    field.refusal = refusal ?? null;
    field.refuse(refusal ? say(`refusal.${refusal}`) : "");
    const folded = found && typeof found.value === "string" && field.isText && found.value !== value;
    field.hint([folded ? `→ ${found.value}` : "", found?.hint ?? ""].filter(Boolean).join("　"));
    this.fields.forEach((each) => each.showIssues(this.#about(each, seen.issues)));
  }

  #about(field, issues) {
    return issues.filter((issue) => issue.fields.includes(field.key));
  }

  #done(entry, answer) {
    if (!answer) {
      return;
    }
    this.issues = answer.issues;
    const later = this.outbox.entries.some((each) => each.key === entry.key);
    for (const field of this.fields) {
      const waiting = this.outbox.entries.some((each) => each.key === field.key);
      const about = this.#about(field, answer.issues);
      if (field.key === entry.key && !later) {
        const typing = field === this.current && !field.pristine;
        if (typing) {
          field.saved = answer.field.value;
          field.source = answer.field;
        } else {
          field.kept(answer.field, about, this.blank);
          if (field === this.current) {
            field.focus();
          }
        }
      } else if (!waiting) {
        field.judge(about);
      }
    }
    this.count();
  }

  #failed(entry, error) {
    const field = this.byKey.get(entry.key);
    this.history = this.history.filter((key) => key !== entry.key);
    if (error.stale && entry.act === "answer") {
      const { current, by, at } = error.problem;
      field.li.dataset.state = "open";
      this.go(field);
      const theirs = { text: field.words(current.value, this.blank), by, at };
      choose(field, field.words(entry.value, this.blank), theirs, (which) => {
        field.kept(current, this.#about(field, this.issues), this.blank);
        if (which === "yours") {
          this.history.push(entry.key);
          field.expect("human", field.words(entry.value, this.blank));
          this.outbox.push({ ...entry, base: current.value });
        }
        this.count();
        this.advance();
      });
      return;
    }
    field?.judge(this.#about(field, this.issues));
    if (field && entry.act === "answer") {
      field.li.dataset.path = "true";
      field.li.dataset.state = "open";
      this.go(field);
      field.entered = entry.value;
      field.pristine = false;
      field.refuse(say(`refusal.${error.problem.refusal}`) || error.message);
      if (!error.problem.refusal) {
        field.refuse(`${say("net.refused")} ${error.message}`);
      }
    }
    this.count();
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
