// Photos in justified rows, of which only those in view are elements (drawing.js): 200,000 photos,
// or a day of 70,000, cost what a screenful costs. The page's own photos are shown first; then the
// pieces of the list (pieces.js), whose heights are known before what they hold.

import { Drawing } from "./drawing.js";
import { byTime, monthWords, nextPage, placesOf } from "./pieces.js";
import { bounded, lay } from "./rows.js";
import { Scrubber } from "./scrubber.js";
import { Strips } from "./strips.js";
import { adopt, show } from "./tiles.js";
import "./tile-keys.js";
import "./live.js";

const STRIP = 24; // pictures in a request; pages/listing.py asks for the first
const SHARP = 8; // large pictures in a request
const AT_ONCE = 3; // pieces
const REST = 90; // milliseconds without a leap: then it is fetched what lies here
const now = () => performance.now();

class Photos {
  constructor(element) {
    this.element = element;
    this.query = element.dataset.query;
    this.by = element.dataset.by;
    this.told = element.classList.contains("told");
    this.mean = 1.3;
    this.where = new Map(); // sha -> [piece, index]
    this.drawing = new Drawing(this);
    this.strips = new Strips((shas) => this.#arrived(shas));
    this.loading = 0;
    this.target = null; // where to stay while heights become known
    this.leapt = 0;
    this.top = 0;
    element.between = (a, b) => this.between(a, b);
    element.photos = this;
  }

  start() {
    this.#measure();
    this.#takeOver();
    this.#listen();
    const at = history.state?.photos;
    const asked = new URLSearchParams(location.search).get("at") ?? location.hash.slice(1);
    this.wish = at?.query === this.query ? at : /^\d{4}(-\d\d){0,2}$/.test(asked) ? { key: asked } : null;
    this.#place();
    if (this.element.dataset.order === "time") this.#byTime();
    else if (this.wish?.sha) this.#restoreList();
  }

  // --- what there is

  #takeOver() {
    const sections = [...this.element.querySelectorAll(".group")];
    const groups = (sections.length ? sections : [this.element]).map((section) => {
      const items = [...section.querySelectorAll("li[data-sha]")].map(adopt);
      for (const { sha, li } of items) this.drawing.own.set(sha, li);
      const month = section.querySelector("h2"), day = section.querySelector("h3");
      return {
        key: section.dataset.key ?? "list", month: section.dataset.key?.slice(0, 7), count: items.length, items,
        begins: Boolean(day && month), words: (day ?? month)?.firstChild.textContent.trim() || (day?.querySelector("time").textContent ?? ""),
        places: (day ?? month)?.querySelector("small")?.textContent ?? "", bare: !sections.length,
      };
    });
    this.pieces = [this.#piece(groups)];
    this.more = document.querySelector(".photos ~ .more a[rel=next]");
    this.pieces[0].groups.at(-1).goesOn = Boolean(this.more);
    this.#fill(this.pieces[0], groups.flatMap(({ items }) => items));
    this.element.replaceChildren();
    this.element.classList.add("laid");
  }

  #piece(groups, load) {
    const count = groups.reduce((all, group) => all + group.count, 0);
    return { groups, count, load, items: null, top: Infinity, high: 0, width: 0 };
  }

  #fill(piece, items) {
    let from = 0;
    for (const group of piece.groups) {
      group.from = from;
      group.count = Math.min(group.count, items.length - from);
      const own = items.slice(from, (from += group.count));
      group.aspects = own.map(({ aspect }) => bounded(aspect));
      group.places ??= placesOf(own);
    }
    piece.items = items;
    piece.width = 0;
    items.forEach(({ sha }, i) => this.where.set(sha, [piece, i]));
    const wide = piece.groups.reduce((all, { aspects }) => all + aspects.reduce((a, b) => a + b, 0), 0);
    if (items.length > 20) this.mean = 0.8 * this.mean + 0.2 * (wide / items.length);
  }

  async #byTime() {
    const pieces = await byTime(this.query, this.by).catch((error) => this.#trouble(error));
    if (!pieces?.length) return;
    const first = this.wish ? this.#find(pieces, this.wish.key).piece : pieces[0];
    const items = await first.load().catch((error) => this.#trouble(error));
    if (!items) return;
    const anchor = this.wish ? null : this.#anchor();
    this.where.clear();
    this.pieces = pieces;
    for (const piece of pieces) Object.assign(piece, { items: null, top: Infinity, high: 0, width: 0 });
    this.#fill(first, items);
    this.element.classList.add("whole");
    this.scrubber = new Scrubber(this.element, this);
    if (this.wish) this.#go(this.#aim(this.wish));
    else if (anchor?.sha && this.where.has(anchor.sha)) this.#go(anchor);
    else this.#place();
    this.target = this.wish ? this.target : null;
  }

  // The state that was left, or a date, as a place in the list.
  #aim({ key, sha, nth = 0, dy = 0 }) {
    const known = sha && this.where.get(sha);
    if (known) return { piece: known[0], index: known[1], dy };
    const { piece, group } = this.#find(this.pieces, key);
    return { piece, group, index: nth || null, dy };
  }

  #find(pieces, key = "9999") {
    const length = key.length;
    for (const piece of pieces)
      for (const group of piece.groups) {
        const same = group.key === "undated" || key === "undated" ? group.key === key : group.key.slice(0, length) <= key;
        if (same) return { piece, group };
      }
    return { piece: pieces.at(-1), group: pieces.at(-1).groups.at(-1) };
  }

  async #restoreList() {
    while (!this.where.has(this.wish.sha) && this.more && this.pieces.length < 100) if (!(await this.#next())) break;
    const [piece, index] = this.where.get(this.wish.sha) ?? [];
    if (piece) this.#go({ piece, index, dy: this.wish.dy });
  }

  // In the order of results: the page after, as its link gives it.
  async #next() {
    if (this.fetching || !this.more) return false;
    this.fetching = true;
    try {
      const { tiles, next } = await nextPage(this.more.href);
      const items = tiles.map((li) => adopt(document.importNode(li, true)));
      for (const { sha, li } of items) this.drawing.own.set(sha, li);
      this.pieces.at(-1).groups.at(-1).goesOn = true;
      const piece = this.#piece([{ key: "list", count: items.length, bare: true, goesOn: Boolean(next), places: "" }]);
      this.pieces.push(piece);
      this.#fill(piece, items);
      if (next) this.more.setAttribute("href", next);
      else {
        this.more = null;
        document.querySelector(".photos ~ .end")?.removeAttribute("hidden");
      }
      this.#place();
      return true;
    } catch (error) {
      this.#trouble(error);
      return false;
    } finally {
      this.fetching = false;
    }
  }

  async #load(piece) {
    if (piece.items || piece.asked) return piece.asked;
    this.loading += 1;
    piece.asked = piece.load().then(
      (items) => {
        if (!piece.items) this.#fill(piece, items);
        this.#place();
      },
      (error) => this.#trouble(error),
    );
    await piece.asked;
    piece.asked = null;
    this.loading -= 1;
    this.draw();
  }

  #trouble(error) {
    console.warn(error);
    const said = (this.said ??= document.createElement("p"));
    said.className = "say trouble";
    said.setAttribute("role", "status");
    said.textContent = "The box does not answer. What is missing comes when it does.";
    this.element.after(said);
    setTimeout(() => {
      said.remove();
      this.draw();
    }, 5000);
  }

  // --- where it lies

  #measure() {
    const style = getComputedStyle(this.element);
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const of = (name) => parseFloat(style.getPropertyValue(name)) * rem;
    this.size = {
      width: this.element.clientWidth, height: of("--row"), gap: of("--gap"), between: of("--between"),
      heading: of(this.by === "day" ? "--day" : "--month"), below: this.told ? of("--below") : 0,
    };
    this.month = of("--month");
    this.header = document.querySelector("body > header")?.offsetHeight ?? 0;
  }

  #lay(piece) {
    const first = piece === this.pieces[0];
    const groups = piece.groups.map((group, i) => ({
      ...group,
      mean: this.mean,
      fresh: group.begins && this.by === "day" && group.key !== "list" ? this.month : 0,
      bare: group.bare && i === 0,
    }));
    const { blocks, high } = lay(groups, this.size);
    Object.assign(piece, { blocks, high, width: this.size.width, first });
    piece.groups.forEach((group, i) => (group.fresh = groups[i].fresh));
    const last = piece.groups.at(-1);
    if (last.goesOn) piece.high += this.size.gap - this.size.between;
  }

  // Heights and places of all pieces; what is in view stays where it is.
  #place() {
    const anchor = this.target ?? this.#anchor();
    let top = 0;
    for (const piece of this.pieces) {
      if (piece.width !== this.size.width) this.#lay(piece);
      piece.top = top;
      top += piece.high;
    }
    this.high = top;
    this.element.style.height = `${top}px`;
    if (anchor) this.#hold(anchor);
    this.scrubber?.place();
    this.draw();
  }

  #y({ piece, index, group, fraction }) {
    if (index != null && piece.items) {
      const at = piece.groups.findIndex((one) => index < one.from + one.count);
      if (at < 0) return piece.top;
      const own = piece.groups[at], block = piece.blocks[at];
      const row = block.rows.find(({ to }) => index - own.from < to) ?? { y: 0 };
      return piece.top + block.y + (own.bare ? 0 : this.size.heading) + row.y;
    }
    if (index != null) return piece.top + piece.high * (index / piece.count);
    if (group) return piece.top + piece.blocks[piece.groups.indexOf(group)].y - (group.fresh ?? 0);
    return piece.top + piece.high * (fraction ?? 0);
  }

  // The row under the header, so that it can be found again.
  #anchor() {
    const y = this.#edge();
    if (!this.pieces?.[0].width || y <= 0) return null;
    const piece = this.#pieceAt(y);
    if (!piece.items) return { piece, fraction: (y - piece.top) / piece.high, dy: 0 };
    const { index } = this.#itemAt(piece, y);
    return { piece, index, sha: piece.items[index]?.sha, dy: y - this.#y({ piece, index }) };
  }

  #itemAt(piece, y) {
    let best = { index: 0, at: 0 };
    piece.groups.forEach((group, at) => {
      const top = piece.top + piece.blocks[at].y + (group.bare ? 0 : this.size.heading);
      for (const row of piece.blocks[at].rows)
        if (top + row.y <= y + 1) best = { index: group.from + row.from, at };
    });
    return best;
  }

  #pieceAt(y) {
    let low = 0, high = this.pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.pieces[middle].top <= y) low = middle;
      else high = middle - 1;
    }
    return this.pieces[low];
  }

  // How far down the list the lower edge of the header is.
  #edge() {
    return this.header - this.element.getBoundingClientRect().top;
  }

  #hold(anchor) {
    const found = anchor.sha && this.where.get(anchor.sha);
    const place = found ? { piece: found[0], index: found[1], dy: anchor.dy } : anchor;
    const by = this.#y(place) + (anchor.dy ?? 0) - this.#edge();
    if (Math.abs(by) > 0.5) scrollBy({ top: by, behavior: "instant" });
  }

  #go(place) {
    this.target = place;
    this.#place();
  }

  // To a y of the list; while somebody drags there is no telling where it ends.
  scrollTo(y) {
    this.target = null;
    scrollBy({ top: y - this.#edge(), behavior: "instant" });
  }

  // "2016-05", and newest first what comes after where there is nothing.
  jump(key) {
    this.#go(this.#aim({ key }));
  }

  // Months with their y, for the scrubber.
  months() {
    const found = [];
    for (const piece of this.pieces)
      piece.groups.forEach((group, i) => {
        if (found.at(-1)?.key !== group.month)
          found.push({ key: group.month, words: monthWords(group.month), y: piece.top + piece.blocks[i].y - (group.fresh ?? 0) });
      });
    return found;
  }

  // --- what is shown

  draw() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.#draw();
    });
  }

  #draw() {
    const top = -this.element.getBoundingClientRect().top, view = innerHeight;
    if (Math.abs(top - this.top) > 1.5 * view) this.leapt = now();
    this.top = top;
    const resting = now() - this.leapt > REST;
    const from = top - view * 0.7, to = top + view * 1.7;
    const shown = new Map(), lacking = [];
    for (let i = this.pieces.indexOf(this.#pieceAt(Math.max(0, from))); i < this.pieces.length; i++) {
      const piece = this.pieces[i];
      if (piece.top > to) break;
      if (piece.items) this.#collect(piece, i, from, to, shown);
      else lacking.push(piece);
    }
    const fresh = this.drawing.render(shown);
    this.#fetch(lacking, top, view, resting);
    this.#pictures(shown, top, view, resting);
    this.scrubber?.follow(this.#edge());
    if (!resting) this.#again(REST);
    if (this.more && this.element.dataset.order === "list" && top + 2.5 * view > this.high) this.#next();
    if (fresh) this.element.dispatchEvent(new CustomEvent("tiles", { bubbles: true }));
  }

  #again(after) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.draw(), after);
  }

  #collect(piece, at, from, to, shown) {
    piece.groups.forEach((group, g) => {
      const block = piece.blocks[g], head = group.bare ? 0 : this.size.heading;
      const y = piece.top + block.y;
      if (y - group.fresh > to || y + head + block.high < from) return;
      const rows = block.rows.filter((row) => y + head + row.y < to && y + head + row.y + row.high + this.size.below > from);
      shown.set(`${at}/${g}`, { piece, group, block, rows, y, head });
    });
  }

  // --- what is fetched

  #fetch(lacking, top, view, resting) {
    if (!resting) return;
    const middle = top + view / 2;
    lacking.sort((a, b) => Math.abs(a.top + a.high / 2 - middle) - Math.abs(b.top + b.high / 2 - middle));
    for (const piece of lacking) if (this.loading < AT_ONCE) this.#load(piece);
  }

  #pictures(shown, top, view, resting) {
    if (!resting) return;
    const near = [], far = [], sharp = [], seen = new Set();
    const add = (list, piece, size, length, index) => {
      const from = index - (index % length), key = `${piece.top}/${size}/${from}`;
      if (seen.has(key)) return;
      seen.add(key);
      const shas = piece.items.slice(from, from + length).filter(({ thumbhash }) => thumbhash).map(({ sha }) => sha);
      list.push({ shas, size });
    };
    for (const { piece, group, block, rows, y, head } of shown.values())
      for (const row of rows) {
        const at = y + head + row.y, inView = at < top + view && at + row.high > top;
        for (let i = row.from; i < row.to; i++) {
          add(inView ? near : far, piece, 300, STRIP, group.from + i);
          const long = Math.max(row.high, row.high * group.aspects[i]) * devicePixelRatio;
          if (inView && long > 420) add(sharp, piece, 800, SHARP, group.from + i);
        }
      }
    this.strips.want([...near, ...far, ...sharp]);
  }

  #arrived(shas) {
    for (const sha of shas) if (this.drawing.tiles.has(sha)) show(this.drawing.tiles.get(sha));
  }

  // --- who asks

  #listen() {
    addEventListener("scroll", () => (this.draw(), this.#remember()), { passive: true });
    for (const own of ["wheel", "touchmove", "pointerdown", "keydown"])
      addEventListener(own, () => (this.target = null), { passive: true });
    addEventListener("hashchange", () => /^#\d{4}(-\d\d){0,2}$/.test(location.hash) && this.jump(location.hash.slice(1)));
    addEventListener("pagehide", () => this.#keep());
    new ResizeObserver(() => {
      const anchor = this.target ?? this.#anchor();
      this.#measure();
      if (this.pieces[0].width === this.size.width) return;
      this.target = anchor;
      this.#place();
      this.target = null;
    }).observe(this.element);
    history.scrollRestoration = "manual";
  }

  #remember() {
    clearTimeout(this.keeping);
    this.keeping = setTimeout(() => this.#keep(), 200);
  }

  // Where one was, for when one comes back.
  #keep() {
    const anchor = this.#anchor();
    if (!anchor && !history.state?.photos) return;
    const { piece, index, dy } = anchor ?? {};
    const group = piece?.groups.find((one) => index == null || index < one.from + one.count);
    const photos = anchor ? { query: this.query, key: group?.key, sha: anchor.sha, nth: index, dy } : undefined;
    history.replaceState({ ...history.state, photos }, "");
  }

  // The hashes from one photo to another, both with, in the order of the list.
  async between(a, b) {
    const [first, last] = [a, b].map((sha) => this.where.get(sha)).map((found) => found && [this.pieces.indexOf(found[0]), found[1]]);
    if (!first || !last) return [];
    const [from, to] = first[0] < last[0] || (first[0] === last[0] && first[1] <= last[1]) ? [first, last] : [last, first];
    const shas = [];
    for (let i = from[0]; i <= to[0]; i++) {
      const piece = this.pieces[i];
      if (!piece.items) this.#fill(piece, await piece.load());
      shas.push(...piece.items.slice(i === from[0] ? from[1] : 0, i === to[0] ? to[1] + 1 : undefined).map(({ sha }) => sha));
    }
    this.#place();
    return shas;
  }

  // Brings a photo into view and gives it the focus; `step` photos from it, or rows.
  async focus(sha, step) {
    const [piece, index] = this.where.get(sha);
    let at = this.pieces.indexOf(piece), i = index + step;
    while (i < 0 && at > 0) i += this.pieces[--at].count;
    while (i >= this.pieces[at].count && at + 1 < this.pieces.length) i -= this.pieces[at++].count;
    i = Math.min(Math.max(0, i), this.pieces[at].count - 1);
    await this.#show(this.pieces[at], i);
  }

  async focusEnd(last) {
    const piece = last ? this.pieces.at(-1) : this.pieces[0];
    await this.#show(piece, last ? piece.count - 1 : 0);
  }

  async #show(piece, index) {
    if (!piece.items) {
      this.target = { piece, index, dy: 0 };
      await this.#load(piece);
    }
    const y = this.#y({ piece, index }), edge = this.#edge();
    const room = innerHeight - this.header - this.size.height - 60;
    if (y < edge + 50) this.scrollTo(Math.max(0, y - 60));
    else if (y > edge + room) this.scrollTo(y - room);
    this.#draw();
    this.drawing.tiles.get(piece.items[index]?.sha)?.firstElementChild.focus({ preventScroll: true });
  }
}

function start() {
  for (const element of document.querySelectorAll(".photos[data-query]"))
    if (!element.photos && element.querySelector("li[data-sha]")) new Photos(element).start();
}

start();
document.addEventListener("htmx:load", start);
