// Keeps what is typed and not confirmed: at once on this machine, a moment later on the server.

import { call } from "./review_api.js";
import { Store } from "./review_store.js";

const PAUSE_MS = 500;

export class Drafts {
  #timers = new Map();
  #sent = new Set();

  constructor(document, user) {
    this.document = document;
    this.store = new Store("drafts", user, document);
    this.local = this.store.get() ?? {};
  }

  /** Keep a field's entry. */
  put(key, value) {
    this.local[key] = value;
    this.store.set(this.local);
    clearTimeout(this.#timers.get(key));
    this.#timers.set(key, setTimeout(() => this.#send(key), PAUSE_MS));
  }

  /** Forget it: it was confirmed (the server knows that by itself) or taken back. */
  drop(key, { confirmed }) {
    clearTimeout(this.#timers.get(key));
    delete this.local[key];
    this.store.set(this.local);
    if (!confirmed && this.#sent.delete(key)) {
      call("DELETE", this.#address(key)).catch(() => {});
    }
  }

  /** Note that the server holds one from before. */
  known(key) {
    this.#sent.add(key);
  }

  /** Send at once whatever waits, for example before the page is left. */
  flush() {
    for (const key of Object.keys(this.local)) {
      clearTimeout(this.#timers.get(key));
      this.#send(key, true);
    }
  }

  async #send(key, keepalive = false) {
    const value = this.local[key];
    if (value === undefined) {
      return;
    }
    try {
      await call("PUT", this.#address(key), { body: { value }, keepalive });
    } catch {
      return; // it stays on this machine; the next change or the next visit sends it
    }
    this.#sent.add(key);
    if (this.local[key] === value) {
      delete this.local[key];
      this.store.set(this.local);
    }
  }

  #address(key) {
    return `/documents/${this.document}/fields/${encodeURIComponent(key)}/draft`;
  }
}
