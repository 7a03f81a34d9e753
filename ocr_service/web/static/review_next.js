// From one document to the next: the following one is fetched while this one is being checked.

import { Refused, call, part } from "./review_api.js";
import { Desk } from "./review_desk.js";
import { askReason, calm, held, tell, trouble } from "./review_talk.js";

const STAY_MS = 60_000;

export class Flow {
  constructor(sheet) {
    this.batch = sheet.dataset.batch ? Number(sheet.dataset.batch) : null;
    this.approved = null;
    this.keys = 0;
    this.#show(sheet);
    setInterval(() => this.#stay(), STAY_MS);
    addEventListener("pagehide", () => this.#leave());
  }

  #show(sheet) {
    this.desk?.close();
    this.started = performance.now();
    this.desk = new Desk(sheet, { takeOver: () => this.takeOver(), next: () => this.skip() });
    this.desk.approveButton?.addEventListener("click", () => this.approve());
    if (sheet.dataset.holder) {
      const acts = { takeOver: () => this.takeOver(), next: () => this.skip() };
      held(sheet.dataset.holder, sheet.dataset.until.slice(-5), acts);
    }
    this.desk.start();
    this.following = null;
    this.#prefetch();
  }

  /** Ask for the next document, with its picture, before it is wanted. */
  #prefetch() {
    const besides = [this.desk.id];
    this.following ??= (async () => {
      const body = { batch: this.batch, after: this.desk.id, besides };
      const next = await call("POST", "/review/next", { body });
      return next === null ? null : this.#fetch(next.id);
    })().catch(() => undefined); // asked for again when it is wanted
    return this.following;
  }

  async #fetch(document) {
    const narrowed = this.batch === null ? "" : `&batch=${this.batch}`;
    const sheet = await part(`/review/${document}?part=true${narrowed}`);
    if (sheet.dataset.picture) {
      const picture = new Image();
      picture.src = sheet.dataset.picture;
      await picture.decode().catch(() => {}); // a sheet without its picture is still a sheet
    }
    return sheet;
  }

  /** Approve and show the next document, unless something is left to be done here. */
  async approve() {
    const desk = this.desk;
    if (this.busy || !desk.open) {
      return;
    }
    const waiting = desk.fields.filter((field) => field.inPath && !field.postponed);
    const open = waiting.filter((field) => field.state !== "broken");
    if (open.length) {
      desk.go(open[0]);
      tell("said.open", "look");
      return;
    }
    if (desk.fields.some((field) => field.postponed)) {
      await this.#swap();
      tell("said.postponed");
      return;
    }
    this.busy = true;
    try {
      if (await desk.outbox.idle()) {
        await this.#approve(desk);
      }
    } finally {
      this.busy = false;
    }
  }

  async #approve(desk) {
    const effort = { ms: 0, keystrokes: 1 };
    if (desk.sheet.dataset.approving === "false") {
      await this.#checked(desk);
      return;
    }
    let reason = null;
    const blocking = desk.issues.filter((issue) => issue.severity === "error" && !issue.waived);
    const shown = [...desk.sheet.querySelectorAll(".field-issues .severity-error")];
    if (blocking.length || desk.fields.some((field) => field.state === "broken")) {
      const words = blocking.length
        ? blocking.map((issue) => issue.message)
        : shown.map((line) => line.innerText);
      reason = await askReason([...new Set(words)]);
      if (reason === null) {
        return;
      }
    }
    try {
      const body = { reason, effort };
      const version = desk.outbox.version;
      const done = await call("POST", `/documents/${desk.id}/approve`, { body, version });
      this.approved = { id: done.id, version: done.version };
    } catch (error) {
      this.#refused(error);
      return;
    }
    await this.#swap();
    tell("said.approved");
  }

  /** Everything is checked by somebody who may not approve: others go on from here. */
  async #checked(desk) {
    try {
      await call("POST", `/documents/${desk.id}/checked`);
    } catch (error) {
      this.#refused(error);
      return;
    }
    await this.#swap();
  }

  #refused(error) {
    if (error instanceof Refused && error.held) {
      trouble(error, { takeOver: () => this.takeOver(), next: () => this.skip() });
    } else if (error instanceof Refused) {
      if (error.stale || error.problem.code === "conflict.state") {
        this.#load(this.desk.id);
      }
      tell("net.refused", "bad", error.message);
    } else {
      trouble(error, {});
    }
  }

  /** Put this document behind all others. */
  async postponeAll() {
    if (!(await this.desk.outbox.idle())) {
      return;
    }
    try {
      await call("POST", `/documents/${this.desk.id}/postpone`, { body: { key: null } });
    } catch (error) {
      this.#refused(error);
      return;
    }
    await this.skip();
  }

  /** Show the next document; this one stays as it is. */
  async skip() {
    await call("POST", `/documents/${this.desk.id}/release`, {}).catch(() => {});
    await this.#swap();
  }

  /** Esc with nothing left to undo here takes the last approval back. */
  async undo() {
    if (this.desk.undo()) {
      return;
    }
    if (!this.approved) {
      tell("said.nothing");
      return;
    }
    const { id, version } = this.approved;
    try {
      await call("POST", `/documents/${id}/unapprove`, { version });
    } catch (error) {
      this.#refused(error);
      return;
    }
    this.approved = null;
    await this.#load(id);
    tell("said.undone");
  }

  async takeOver() {
    try {
      const body = { take_over: true };
      await call("POST", `/documents/${this.desk.id}/claim`, { body });
    } catch (error) {
      this.#refused(error);
      return;
    }
    calm();
    this.desk.outbox.resume();
  }

  async #swap() {
    calm();
    const sheet = (await this.#prefetch()) ?? (await this.#again());
    if (sheet) {
      this.#replace(sheet);
    } else if (sheet === null) {
      location.assign("/review");
    }
  }

  /** The prefetch had failed: ask once more, now that it matters. */
  async #again() {
    this.following = null;
    const found = await this.#prefetch();
    if (found === undefined) {
      this.following = null;
      tell("net.offline", "bad");
    }
    return found;
  }

  async #load(document) {
    try {
      this.#replace(await this.#fetch(document));
    } catch (error) {
      this.#refused(error);
    }
  }

  #replace(sheet) {
    const place = document.getElementById("sheet");
    place.replaceChildren(document.adoptNode(sheet));
    const id = sheet.dataset.document;
    history.replaceState(null, "", `/review/${id}${location.search}`);
    document.title = document.title.replace(/\d+/, id);
    document.getElementById("crumb").textContent = id;
    tell("");
    this.#show(sheet);
  }

  async #stay() {
    if (document.hidden || !this.desk.open) {
      return;
    }
    try {
      await call("POST", `/documents/${this.desk.id}/claim`, { body: {}, background: true });
    } catch (error) {
      if (error instanceof Refused && error.held) {
        trouble(error, { takeOver: () => this.takeOver(), next: () => this.skip() });
      }
    }
  }

  #leave() {
    this.desk.drafts.flush();
    call("POST", `/documents/${this.desk.id}/release`, { keepalive: true }).catch(() => {});
    this.following?.then((sheet) => {
      if (sheet) {
        const id = sheet.dataset.document;
        call("POST", `/documents/${id}/release`, { keepalive: true }).catch(() => {});
      }
    });
  }
}

