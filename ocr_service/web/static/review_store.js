// What is kept on this machine while the server cannot take it. Gone as soon as it can.

/** A small JSON store of one user's work on one document. */
export class Store {
  constructor(name, user, document) {
    this.place = `ocr.${name}.${user}.${document}`;
  }

  get() {
    try {
      return JSON.parse(localStorage.getItem(this.place));
    } catch {
      return null; // storage is switched off or damaged: then nothing was kept
    }
  }

  set(value) {
    try {
      const empty = value === null || Object.keys(value).length === 0;
      if (empty) {
        localStorage.removeItem(this.place);
      } else {
        localStorage.setItem(this.place, JSON.stringify(value));
      }
    } catch {
      // Full or switched off: the page itself still holds everything.
    }
  }
}
