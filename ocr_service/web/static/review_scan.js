// The sheet of paper: the field before the eyes is marked and fills a good part of the pane.

const ROOM_MM = 34; // shown round a field
const NARROWEST_MM = 96;

export class Scan {
  constructor(root) {
    this.view = root.querySelector(".scan-view");
    this.zoomed = true;
    this.box = null;
    this.watch = new ResizeObserver(() => this.#draw());
    if (this.view) {
      this.watch.observe(this.view);
    }
  }

  /** Show a field. */
  show(field) {
    this.view?.querySelector(".mark.on")?.classList.remove("on");
    this.mark(field)?.classList.add("on");
    this.box = field.box;
    this.#draw();
  }

  /** Between the field and the whole page. */
  toggle() {
    this.zoomed = !this.zoomed;
    this.#draw();
  }

  mark(field) {
    return this.view?.querySelector(`[data-mark="${CSS.escape(field.key)}"]`);
  }

  close() {
    this.watch.disconnect();
  }

  #draw() {
    if (!this.view) {
      return;
    }
    const page = { w: Number(this.view.dataset.width), h: Number(this.view.dataset.height) };
    if (!this.zoomed || !this.box) {
      this.view.setAttribute("viewBox", `0 0 ${page.w} ${page.h}`);
      return;
    }
    const [x, y, w, h] = this.box;
    const pane = this.view.getBoundingClientRect();
    const ratio = pane.height > 0 ? pane.width / pane.height : 1;
    const wide = Math.max(w + ROOM_MM, NARROWEST_MM, (h + ROOM_MM) * ratio);
    const width = Math.min(wide, page.w);
    const height = Math.min(width / ratio, page.h);
    const within = (middle, size, whole) => Math.min(Math.max(middle - size / 2, 0), whole - size);
    const left = within(x + w / 2, width, page.w);
    const top = within(y + h / 2, height, page.h);
    this.view.setAttribute("viewBox", `${left} ${top} ${width} ${height}`);
  }
}
