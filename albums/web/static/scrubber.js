// The years at the right edge: where one is, and the way to anywhere. Dragged, pressed, or moved by
// the arrow keys (a month), page keys (a year), Home and End.

const APART = 24; // pixels between two years that are written
const SEEN = 1200; // milliseconds for which the month stays after scrolling

const element = (name, parent, text = "") => {
  const made = document.createElement("span");
  made.className = name;
  made.textContent = text;
  parent.append(made);
  return made;
};

export class Scrubber {
  constructor(list, photos) {
    this.photos = photos;
    this.bar = document.createElement("div");
    this.bar.className = "scrubber";
    for (const [name, value] of Object.entries({
      role: "slider", tabindex: "0", "aria-label": "Date", "aria-orientation": "vertical", "aria-valuemin": "0",
    }))
      this.bar.setAttribute(name, value);
    this.years = element("years", this.bar);
    this.years.setAttribute("aria-hidden", "true");
    this.thumb = element("thumb", this.bar);
    this.bubble = element("bubble", this.thumb);
    list.after(this.bar);
    this.#listen();
  }

  // The heights of the list are other ones.
  place() {
    const { photos, bar } = this;
    this.months = photos.months();
    bar.hidden = photos.high < 2.5 * innerHeight || this.months.length < 2;
    if (bar.hidden) return;
    bar.style.top = `${photos.header + 8}px`;
    this.high = bar.clientHeight;
    bar.setAttribute("aria-valuemax", this.months.length - 1);
    this.#write();
  }

  #write() {
    const written = [];
    let year = null, free = 0;
    for (const { key, y } of this.months) {
      const own = key.slice(0, 4);
      if (own === year || key === "undated") continue;
      year = own;
      const at = Math.min(this.#share(y) * this.high, this.high - 12);
      if (at >= free) written.push([own, at]);
      if (at >= free) free = at + APART;
    }
    const text = written.map(([own, at]) => `${own}@${Math.round(at)}`).join();
    if (text === this.written) return;
    this.written = text;
    this.years.replaceChildren();
    for (const [own, at] of written) element("year", this.years, own).style.top = `${at}px`;
  }

  get #room() {
    return Math.max(1, this.photos.high - innerHeight + this.photos.header + 100);
  }

  #share(y) {
    return Math.min(1, Math.max(0, y / this.#room));
  }

  #monthAt(y) {
    let found = 0;
    for (let i = 1; i < this.months.length && this.months[i].y <= y + 2; i++) found = i;
    return found;
  }

  // The list was scrolled: its y under the header.
  follow(y) {
    if (!this.months || this.bar.hidden) return;
    if (!this.dragged) this.thumb.style.transform = `translateY(${this.#share(y) * this.high}px)`;
    const at = this.#monthAt(y);
    if (this.at !== at) {
      this.at = at;
      this.bubble.textContent = this.months[at].words;
      this.bar.setAttribute("aria-valuenow", at);
      this.bar.setAttribute("aria-valuetext", this.months[at].words);
    }
    if (this.y !== undefined && Math.abs(this.y - y) > 1) this.#seen();
    this.y = y;
  }

  #seen() {
    this.bar.classList.add("moving");
    clearTimeout(this.hiding);
    this.hiding = setTimeout(() => this.bar.classList.remove("moving"), SEEN);
  }

  #drag(event) {
    const at = Math.min(this.high, Math.max(0, event.clientY - this.bar.getBoundingClientRect().top));
    this.thumb.style.transform = `translateY(${at}px)`;
    this.photos.scrollTo((at / this.high) * this.#room);
  }

  #listen() {
    const { bar } = this;
    bar.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      bar.focus({ preventScroll: true });
      bar.setPointerCapture(event.pointerId);
      this.dragged = true;
      bar.classList.add("dragged");
      this.#drag(event);
    });
    bar.addEventListener("pointermove", (event) => this.dragged && this.#drag(event));
    for (const over of ["pointerup", "pointercancel"])
      bar.addEventListener(over, () => {
        this.dragged = false;
        bar.classList.remove("dragged");
      });
    bar.addEventListener("keydown", (event) => {
      const key = this.#after(event.key);
      if (key === null) return;
      event.preventDefault();
      event.stopPropagation();
      this.photos.jump(this.months[key].key);
    });
    addEventListener("resize", () => this.place());
  }

  // The month to which a key leads.
  #after(key) {
    const last = this.months.length - 1, at = this.at ?? 0;
    const within = (index) => Math.min(last, Math.max(0, index));
    const year = this.months[at].key.slice(0, 4);
    const others = (from) => this.months.findIndex(({ key }, i) => i > from && key.slice(0, 4) !== year);
    const firstOf = (own) => this.months.findIndex(({ key }) => key.startsWith(own));
    const before = this.months[within(firstOf(year) - 1)].key.slice(0, 4);
    const acts = {
      ArrowDown: within(at + 1), ArrowRight: within(at + 1), ArrowUp: within(at - 1), ArrowLeft: within(at - 1),
      PageDown: others(at) < 0 ? last : others(at), PageUp: firstOf(before), Home: 0, End: last,
    };
    return acts[key] ?? null;
  }
}
