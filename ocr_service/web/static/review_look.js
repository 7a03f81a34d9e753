// Looks ahead while somebody types: what the value would be kept as, and which rules it breaks.

import { call, language } from "./review_api.js";
import { about } from "./review_outcome.js";
import { say } from "./review_talk.js";

const LOOK_MS = 120;

export class Look {
  constructor(document, fields, drafts) {
    this.document = document;
    this.fields = fields;
    this.drafts = drafts;
  }

  /** Somebody typed or chose: keep it, and ask the server what it would come to. */
  changed(field) {
    field.pristine = false;
    field.refusal = null;
    field.refuse("");
    if (field.dirty) {
      this.drafts.put(field.key, field.entered);
    }
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.#ask(field), LOOK_MS);
  }

  close() {
    clearTimeout(this.waiting);
  }

  async #ask(field) {
    const value = field.entered;
    let seen;
    try {
      const body = { values: { [field.key]: value } };
      const address = `/documents/${this.document}/preview?language=${language}`;
      seen = await call("POST", address, { body });
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
    this.fields.forEach((each) => each.showIssues(about(each, seen.issues)));
  }
}
