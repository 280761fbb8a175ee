// The elements of the rows in view, and of no others but what has the focus.

import { monthWords } from "./pieces.js";
import { make, placeholder, show } from "./tiles.js";

const focused = (element) => element.contains(document.activeElement);

// Puts `node` after `before`, or first, unless it is there.
function after(before, node, parent) {
  const place = before ? before.nextSibling : parent.firstChild;
  if (place !== node) parent.insertBefore(node, place);
  return node;
}

function heading(level, group) {
  const made = document.createElement(level);
  if (group.key === "undated") made.append(group.words);
  else made.append(Object.assign(document.createElement("time"), { dateTime: group.key, textContent: group.words }));
  if (group.places) made.append(" ", Object.assign(document.createElement("small"), { textContent: group.places }));
  made.title = [group.words, group.places].filter(Boolean).join(", ");
  return made;
}

function section(group, by) {
  const made = document.createElement("section"), list = document.createElement("ul");
  made.className = "group";
  if (group.fresh) made.append(Object.assign(document.createElement("h2"), { textContent: monthWords(group.month) }));
  if (!group.bare) made.append(heading(by === "day" ? "h3" : "h2", group));
  made.classList.toggle("bare", Boolean(group.bare));
  made.append(list);
  return { section: made, list, group, tiles: new Map() };
}

export class Drawing {
  drawn = new Map(); // key -> {section, list, group, tiles: Map(index -> li)}
  tiles = new Map(); // sha -> li that is in the page
  own = new Map(); // sha -> li that came with a page

  constructor(photos) {
    this.photos = photos;
  }

  // shown: key -> {piece, group, block, rows, y}. Are there tiles that were not there?
  render(shown) {
    let fresh = false, before = null;
    for (const [key, one] of this.drawn)
      if (shown.get(key)?.group !== one.group && !(one.group.count && !shown.has(key) && focused(one.section))) this.#drop(key, one);
    for (const [key, group] of shown) {
      if (!this.drawn.has(key)) this.drawn.set(key, section(group.group, this.photos.by));
      const one = this.drawn.get(key);
      before = after(before, one.section, this.photos.element);
      fresh = this.#rows(one, group) || fresh;
    }
    return fresh;
  }

  #drop(key, { section, tiles }) {
    for (const li of tiles.values()) this.#forget(li);
    section.remove();
    this.drawn.delete(key);
  }

  #forget(li) {
    if (this.tiles.get(li.dataset.sha) === li) this.tiles.delete(li.dataset.sha);
  }

  #rows({ section, list, tiles }, { piece, group, block, rows, y }) {
    Object.assign(section.style, { top: `${y - group.fresh}px`, left: `${block.x}px`, width: `${block.wide}px` });
    list.style.height = `${block.high}px`;
    const from = rows[0]?.from ?? 0, to = rows.at(-1)?.to ?? 0;
    for (const [index, li] of tiles)
      if ((index < from || index >= to) && !focused(li)) {
        li.remove();
        tiles.delete(index);
        this.#forget(li);
      }
    let fresh = false, before = null;
    for (const row of rows)
      for (let i = row.from; i < row.to; i++) {
        if (!tiles.has(i)) {
          tiles.set(i, this.#tile(piece, group, i));
          fresh = true;
        }
        before = after(before, tiles.get(i), list);
        this.#place(before, row, i - row.from);
      }
    return fresh;
  }

  #place(li, { xs, y, high, right }, i) {
    const wide = (i + 1 < xs.length ? xs[i + 1] - this.photos.size.gap : right) - xs[i];
    const place = `${xs[i]} ${y} ${wide} ${high}`;
    if (li.place === place) return;
    li.place = place;
    Object.assign(li.style, { left: `${xs[i]}px`, top: `${y}px`, width: `${wide}px` });
    li.firstElementChild.style.height = `${high}px`;
  }

  #tile(piece, group, index) {
    const item = piece.items[group.from + index];
    const li = this.own.get(item.sha) ?? make(item, this.photos.query);
    if (!item.li) this.own.delete(item.sha); // from now on it is made
    li.setAttribute("aria-setsize", group.count);
    li.setAttribute("aria-posinset", index + 1);
    this.tiles.set(item.sha, li);
    if (!show(li)) placeholder(li);
    return li;
  }
}
