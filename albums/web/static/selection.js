// Photos are selected wherever they are listed: by their check, with shift for a range, by a
// rectangle that is drawn, by keys, all of a query at once. What can be done to them: acts.js.

const lists = document.querySelector(".photos");
const LONG = 450; // milliseconds of a press that selects
const APART = 6; // pixels that make a drag
const EDGE = 60; // pixels from the edge of the window: there it scrolls

export const selection = { chosen: new Set(), all: false, without: new Set(), last: null };

export const isOn = (sha) => (selection.all ? !selection.without.has(sha) : selection.chosen.has(sha));
export const total = () => Number(lists.dataset.total ?? 0);
export const count = () => (selection.all ? Math.max(0, total() - selection.without.size) : selection.chosen.size);
const tile = (target) => target.closest?.(".photos li[data-sha]");

export function set(shas, on) {
  for (const sha of shas) selection.all ? selection.without[on ? "delete" : "add"](sha) : selection.chosen[on ? "add" : "delete"](sha);
  if (selection.all && !count()) return clear();
  paint();
}

export function clear() {
  Object.assign(selection, { all: false, last: null });
  selection.chosen.clear();
  selection.without.clear();
  paint();
}

export function selectAll() {
  clear();
  selection.all = true;
  paint();
}

async function toggle(sha, range) {
  const on = !isOn(sha);
  if (range && selection.last) set(await between(selection.last, sha), true);
  else set([sha], on);
  selection.last = sha;
}

async function between(a, b) {
  if (lists.between) return lists.between(a, b);
  const shas = [...lists.querySelectorAll("li[data-sha]")].map((li) => li.dataset.sha);
  const [from, to] = [shas.indexOf(a), shas.indexOf(b)].sort((x, y) => x - y);
  return from < 0 ? [b] : shas.slice(from, to + 1);
}

function paint() {
  for (const li of lists.querySelectorAll("li[data-sha]")) {
    const on = isOn(li.dataset.sha), pick = li.querySelector(".pick");
    li.classList.toggle("picked", on);
    if (pick?.type === "checkbox") pick.checked = on;
    else pick?.setAttribute("aria-pressed", on);
  }
  lists.classList.toggle("selecting", count() > 0);
  document.dispatchEvent(new CustomEvent("selected", { detail: count() }));
}

// --- by the mouse and the finger

let swallow = false; // the click that ends a drag or a long press
let pressing = null;
let drawing = false; // from where one was pressed: what is selected meanwhile is not carried

document.addEventListener("click", (event) => {
  const li = tile(event.target);
  if (swallow || (li && (event.target.closest(".pick, .picking label") || (count() && !event.target.closest(".open"))))) {
    event.preventDefault();
    event.stopImmediatePropagation();
    // The browser puts a checkbox back after a click that was prevented.
    if (!swallow) setTimeout(() => toggle(li.dataset.sha, event.shiftKey));
    swallow = false;
  }
}, true);

lists.addEventListener("pointerdown", (event) => {
  swallow = false;
  const li = tile(event.target);
  if (event.pointerType === "mouse") {
    if (event.button === 0 && !event.target.closest(".pick, button, video")) rectangle(event, li);
    return;
  }
  if (!li || event.target.closest(".pick, .live")) return;
  pressing = setTimeout(() => {
    pressing = null;
    swallow = true;
    toggle(li.dataset.sha, count() > 0);
    navigator.vibrate?.(12);
  }, LONG);
});

for (const ended of ["pointermove", "pointerup", "pointercancel"])
  lists.addEventListener(ended, (event) => {
    if (ended !== "pointermove" || Math.hypot(event.movementX, event.movementY) > 3) pressing = clearTimeout(pressing);
  });
lists.addEventListener("contextmenu", (event) => (pressing || swallow) && event.preventDefault());

// Tiles that are selected are carried away; from anywhere else a rectangle is drawn.
lists.addEventListener("dragstart", (event) => {
  const li = tile(event.target);
  if (!li) return;
  if (drawing || selection.all || !isOn(li.dataset.sha)) return event.preventDefault();
  event.dataTransfer.setData("application/x-albums-shas", JSON.stringify([...selection.chosen]));
  event.dataTransfer.effectAllowed = "copy";
  document.dispatchEvent(new CustomEvent("carrying"));
});

function rectangle(down, li) {
  if (li && isOn(li.dataset.sha) && !selection.all) return; // carried
  drawing = true;
  const from = { x: down.clientX, y: down.clientY + scrollY };
  const before = new Set(selection.chosen);
  let at = down, box = null, frame = 0;

  const draw = () => {
    frame = requestAnimationFrame(draw);
    const by = at.clientY < EDGE ? -12 : at.clientY > innerHeight - EDGE ? 12 : 0;
    if (by) scrollBy({ top: by, behavior: "instant" });
    const y = from.y - scrollY;
    const left = Math.min(from.x, at.clientX), right = Math.max(from.x, at.clientX);
    const top = Math.min(y, at.clientY), bottom = Math.max(y, at.clientY);
    Object.assign(box.style, { left: `${left}px`, top: `${top}px`, width: `${right - left}px`, height: `${bottom - top}px` });
    const hit = [], missed = [];
    for (const one of lists.querySelectorAll("li[data-sha]")) {
      const own = one.getBoundingClientRect();
      const inside = own.left < right && own.right > left && own.top < bottom && own.bottom > top;
      if (inside !== isOn(one.dataset.sha) && !before.has(one.dataset.sha)) (inside ? hit : missed).push(one.dataset.sha);
    }
    if (missed.length) set(missed, false);
    if (hit.length) set(hit, true);
  };
  const move = (event) => {
    at = event;
    if (box || Math.hypot(event.clientX - from.x, event.clientY + scrollY - from.y) < APART) return;
    if (!event.shiftKey && !event.ctrlKey && !event.metaKey) clear(), before.clear();
    box = document.body.appendChild(Object.assign(document.createElement("div"), { className: "lasso" }));
    getSelection()?.removeAllRanges();
    draw();
  };
  const end = () => {
    drawing = false;
    cancelAnimationFrame(frame);
    swallow = Boolean(box);
    box?.remove();
    for (const [name, what] of [["pointermove", move], ["pointerup", end], ["pointercancel", end]]) removeEventListener(name, what);
    setTimeout(() => (swallow = false));
  };
  for (const [name, what] of [["pointermove", move], ["pointerup", end], ["pointercancel", end]]) addEventListener(name, what);
}

// --- by keys

document.addEventListener("keydown", (event) => {
  if (event.target.closest?.("input:not([type=checkbox]), textarea, select, dialog, [contenteditable]") || event.defaultPrevented) return;
  const key = event.key.toLowerCase();
  if (key === "a" && (event.ctrlKey || event.metaKey) && total()) {
    event.preventDefault();
    return selectAll();
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (key === "escape" && count() && !document.querySelector(":popover-open")) return clear();
  const li = tile(event.target);
  if (key === "x" && li) toggle(li.dataset.sha, event.shiftKey);
});

lists.addEventListener("tiles", paint);
// What the browser kept of checks when one comes back to the page.
set([...lists.querySelectorAll("input.pick:checked")].map((pick) => pick.value), true);
