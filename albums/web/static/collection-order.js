// A collection is put in order: tiles are dragged, or moved with the keyboard (Alt and arrows). The
// buttons below a tile do the same without scripts.

const HOLD = 250; // milliseconds that a finger rests before it drags; a swipe scrolls
const STEP = { earlier: -1, later: 1, first: -Infinity };

const list = document.querySelector(".arrange");
const said = document.getElementById("moved");
const tiles = () => [...list.children].filter((li) => !li.classList.contains("ghost"));
let queue = Promise.resolve();

// One after the other: each says in front of whom a tile lies now.
function save(li) {
  const before = (li.nextElementSibling?.dataset.sha ?? list.dataset.beyond) || null;
  queue = queue.then(async () => {
    const answer = await fetch(`/api/v1/collections/${encodeURIComponent(list.dataset.collection)}/order`, {
      method: "POST", headers: { "content-type": "application/json" },
      body: JSON.stringify({ assets: [li.dataset.sha], before }),
    }).catch(() => null);
    if (answer?.ok) return;
    const why = await answer?.json().catch(() => null);
    say(`Not saved: ${why?.error?.what ?? "the box is out of reach"}. Load the page again.`);
    said.classList.remove("unseen");
  });
}

function say(words) {
  said.textContent = words;
}

function announce(li) {
  say(`Place ${Number(list.dataset.start) + tiles().indexOf(li) + 1} of ${list.dataset.total}`);
}

function move(li, to) {
  const others = tiles().filter((one) => one !== li);
  const at = Math.min(Math.max(to, 0), others.length);
  if (at === tiles().indexOf(li)) return;
  list.insertBefore(li, others[at] ?? null);
  announce(li);
  save(li);
}

function columns() {
  const all = tiles();
  const second = all.findIndex((li) => li.offsetTop > all[0].offsetTop);
  return second < 0 ? all.length : second;
}

list.addEventListener("keydown", (event) => {
  const tile = event.target.closest(".tile");
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns(), ArrowDown: columns(), Home: -Infinity, End: Infinity }[event.key];
  if (!tile || !steps || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const li = tile.parentElement;
  const to = Math.min(Math.max(tiles().indexOf(li) + steps, 0), tiles().length - 1);
  if (event.altKey) move(li, to);
  (event.altKey ? tile : tiles()[to].querySelector(".tile")).focus();
});

list.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=act]");
  if (!button || !(button.value in STEP)) return;
  event.preventDefault();
  const li = button.closest("li");
  if (button.value === "first" && Number(list.dataset.start)) return button.form.requestSubmit(button);
  move(li, tiles().indexOf(li) + STEP[button.value]);
  button.focus();
});

// --- dragging

let drag = null;

list.addEventListener("pointerdown", (event) => {
  const tile = event.target.closest(".tile");
  if (!tile || event.button || !event.isPrimary) return;
  const li = tile.parentElement;
  drag = { li, x: event.clientX, y: event.clientY, from: li.nextElementSibling, touch: event.pointerType === "touch", ghost: null };
  if (drag.touch) drag.timer = setTimeout(lift, HOLD);
});

function lift() {
  const box = drag.li.getBoundingClientRect();
  drag.ghost = drag.li.cloneNode(true);
  drag.ghost.removeAttribute("id");
  drag.ghost.className = "ghost";
  drag.ghost.style.width = `${box.width}px`;
  drag.dx = drag.x - box.left;
  drag.dy = drag.y - box.top;
  list.append(drag.ghost);
  drag.li.classList.add("moving");
  follow();
  requestAnimationFrame(scroll);
}

function follow() {
  drag.ghost.style.left = `${drag.x - drag.dx}px`;
  drag.ghost.style.top = `${drag.y - drag.dy}px`;
  const over = document.elementFromPoint(drag.x, drag.y)?.closest(".arrange > li:not(.ghost)");
  if (!over || over === drag.li) return;
  const all = tiles();
  list.insertBefore(drag.li, all.indexOf(over) > all.indexOf(drag.li) ? over.nextElementSibling : over);
}

// At the edges of the window the page moves on.
function scroll() {
  if (!drag?.ghost) return;
  const edge = 80;
  const by = Math.min(drag.y - edge, 0) || Math.max(drag.y - innerHeight + edge, 0);
  if (by) {
    scrollBy(0, by / 5);
    follow();
  }
  requestAnimationFrame(scroll);
}

addEventListener("pointermove", (event) => {
  if (!drag) return;
  const far = Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > 6;
  if (!drag.ghost && drag.touch && far) return drop(false);
  if (!drag.ghost && !far) return;
  drag.x = event.clientX;
  drag.y = event.clientY;
  if (drag.ghost) follow();
  else lift();
});
addEventListener("pointerup", () => drop(true));
addEventListener("pointercancel", () => drop(false));
addEventListener("keydown", (event) => event.key === "Escape" && drag?.ghost && drop(false));
list.addEventListener("touchmove", (event) => drag?.ghost && event.preventDefault(), { passive: false });
list.addEventListener("contextmenu", (event) => drag?.ghost && event.preventDefault());

function drop(keep) {
  if (!drag) return;
  const { li, from, ghost, timer } = drag;
  clearTimeout(timer);
  drag = null;
  if (!ghost) return;
  ghost.remove();
  li.classList.remove("moving");
  if (!keep) return list.insertBefore(li, from);
  const stay = (event) => event.preventDefault(); // to let go of a tile is not to open it
  addEventListener("click", stay, true);
  setTimeout(() => removeEventListener("click", stay, true));
  setTimeout(() => li.querySelector(".tile").focus({ preventScroll: true }));
  if (li.nextElementSibling === from) return;
  announce(li);
  save(li);
}
