// Sends answers one after the other, each with the version that the one before gave. Nothing is
// lost while the network or the session is away, and nobody else's answer is overwritten.

import { Expired, Offline, Refused, call, language } from "./review_api.js";
import { Store } from "./review_store.js";

const AGAIN_MS = 2000;

const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

export class Outbox {
  #entries;
  #running = false;
  #stopped = false;
  #wake = () => {};
  #idle = [];

  /** `on` gets done(entry, answer), failed(entry, error) and trouble(error or null). */
  constructor({ document, version, user, on }) {
    this.document = document;
    this.version = version;
    this.on = on;
    this.store = new Store("outbox", user, document);
    this.#entries = this.store.get() ?? [];
    this.restored = this.#entries.length;
  }

  get entries() {
    return this.#entries;
  }

  push(entry) {
    this.#entries.push(entry);
    this.store.set(this.#entries);
    this.#run();
  }

  /** Take the newest entry about a field back if it has not been sent. */
  recall(key) {
    const last = this.#entries.findLastIndex((entry) => entry.key === key);
    if (last < (this.#running ? 1 : 0)) {
      return null;
    }
    const [entry] = this.#entries.splice(last, 1);
    this.store.set(this.#entries);
    return entry;
  }

  /** Wait until everything is with the server; false if somebody has to decide first. */
  async idle() {
    if (this.#entries.length && !this.#stopped) {
      this.#run();
      await new Promise((resolve) => this.#idle.push(resolve));
    }
    return this.#entries.length === 0;
  }

  /** Go on after a login, or after the document was taken over. */
  resume() {
    this.#stopped = false;
    this.#wake();
    this.#run();
  }

  /** Stop for good, for example because the next document is shown. */
  close() {
    this.#stopped = true;
    this.#wake();
  }

  async #run() {
    if (this.#running) {
      return;
    }
    this.#running = true;
    while (this.#entries.length && !this.#stopped) {
      await this.#step(this.#entries[0]);
    }
    this.#running = false;
    this.#idle.splice(0).forEach((resolve) => resolve());
  }

  async #step(entry) {
    try {
      const answer = await this.#send(entry);
      this.version = answer?.version ?? this.version;
      this.#shift();
      this.on.trouble(null);
      this.on.done(entry, answer);
    } catch (error) {
      await this.#failed(entry, error);
    }
  }

  async #failed(entry, error) {
    if (error instanceof Offline || error instanceof Expired) {
      this.on.trouble(error);
      await new Promise((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, AGAIN_MS);
      });
      return;
    }
    if (!(error instanceof Refused)) {
      throw error;
    }
    if (error.held) {
      this.#stopped = true;
      this.on.trouble(error);
      return;
    }
    if (error.stale) {
      this.version = error.problem.version;
      const untouched = entry.act === "answer" && same(error.problem.current?.value, entry.base);
      if (untouched) {
        return; // another field was changed: nothing stands against this one
      }
    }
    this.#shift();
    this.on.failed(entry, error);
  }

  #shift() {
    this.#entries.shift();
    this.store.set(this.#entries);
  }

  #send(entry) {
    const path = `/documents/${this.document}`;
    const field = `${path}/fields/${encodeURIComponent(entry.key)}`;
    if (entry.act === "undo") {
      return call("POST", `${field}/undo?language=${language}`, { version: this.version });
    }
    if (entry.act === "postpone") {
      return call("POST", `${path}/postpone`, { body: { key: entry.key, effort: entry.effort } });
    }
    const { value, illegible, effort } = entry;
    return call("PUT", `${field}?language=${language}`, {
      body: { value, illegible, effort },
      version: this.version,
    });
  }
}
