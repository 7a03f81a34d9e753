// The crops of one screen: which one is looked at, and what is said of each.

const EMPTY = "_";

export class Tiles {
  /** `words` are those of the screen's element: different, empty, blank. */
  constructor(words, options, cells) {
    this.words = words;
    this.options = options;
    this.cells = cells;
    this.all = [];
    this.here = 0;
  }

  /** Begin with the crops of a screen; how many there are. */
  lay(screen) {
    this.all = [...screen.querySelectorAll(".tile")];
    this.here = 0;
    if (this.all.length) {
      this.go(0);
    }
    return this.all.length;
  }

  get current() {
    return this.all[this.here];
  }

  get last() {
    return this.all.length - 1;
  }

  go(to) {
    if (to < 0 || to >= this.all.length) {
      return;
    }
    this.current?.classList.remove("here");
    this.here = to;
    this.current.classList.add("here");
    this.current.scrollIntoView({ block: "nearest" });
    document.getElementById("grid").setAttribute("aria-activedescendant", this.current.id);
  }

  /** The tile above or below: the nearest one in the next row that way. */
  beside(step) {
    const from = this.current.getBoundingClientRect();
    const middle = from.left + from.width / 2;
    let best = this.here;
    let row = null;
    for (let i = this.here + step; i >= 0 && i < this.all.length; i += step) {
      const at = this.all[i].getBoundingClientRect();
      if (Math.abs(at.top - from.top) < 2) {
        continue;
      }
      row ??= at.top;
      if (Math.abs(at.top - row) > 2) {
        break;
      }
      const gap = Math.abs(at.left + at.width / 2 - middle);
      if (best === this.here || gap < Math.abs(this.#centre(best) - middle)) {
        best = i;
      }
    }
    return best;
  }

  #centre(i) {
    const at = this.all[i].getBoundingClientRect();
    return at.left + at.width / 2;
  }

  #mark(tile, verdict, value, word) {
    tile.dataset.verdict = verdict;
    tile.dataset.value = JSON.stringify(value ?? null);
    tile.setAttribute("aria-selected", String(verdict === "different"));
    tile.classList.toggle("other", verdict === "other");
    tile.querySelector(".said").textContent = word ?? "";
  }

  toggle() {
    if (!this.clear()) {
      this.#mark(this.current, "different", null, this.words.different);
    }
  }

  /** Take back what was said of the tile; false if nothing was. */
  clear() {
    if (!this.current?.dataset.verdict) {
      return false;
    }
    this.#mark(this.current, "", null, "");
    return true;
  }

  give(value, word) {
    this.#mark(this.current, "other", value, word);
    this.go(Math.min(this.here + 1, this.last));
  }

  /** Takes a key as the right value of the tile; false if it says nothing about one. */
  typed(key) {
    if (this.cells) {
      return this.#digit(key);
    }
    if (!this.options.length) {
      return false;
    }
    if (key === "0") {
      this.give(null, this.words.blank);
      return true;
    }
    const option = this.options[Number(key) - 1];
    if (!option) {
      return false;
    }
    const [value, word] = option;
    this.give(value === "true" ? true : value === "false" ? false : value, word);
    return true;
  }

  #digit(key) {
    if (key >= "0" && key <= "9") {
      this.give(key, key);
      return true;
    }
    if (key === "." || key === "_") {
      this.give(EMPTY, this.words.empty);
      return true;
    }
    return false;
  }

  /** What is said of every crop, as the server takes it. */
  verdicts() {
    return this.all.map((tile) => {
      const verdict = tile.dataset.verdict || (tile.dataset.fit === "1" ? "right" : "different");
      return {
        reading: Number(tile.dataset.reading),
        cell: tile.dataset.cell === "" ? null : Number(tile.dataset.cell),
        verdict,
        value: verdict === "other" ? JSON.parse(tile.dataset.value) : null,
      };
    });
  }
}
