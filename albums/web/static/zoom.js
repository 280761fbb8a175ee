// The picture on its stage: as large as it fits, and nearer by a press, the wheel, two fingers or
// keys. What is nearer than the picture at hand is sharp comes from the original.

import { whenShown } from "./shown.js";

const LONGEST = 1600; // pixels of the picture at hand
const DWELL = 700; // milliseconds after which somebody looks, and does not leaf
const SWIPE = 0.18; // of the width
const TAP = 8; // pixels that a finger may slip
const still = matchMedia("(prefers-reduced-motion: reduce)");

let now = null; // {link, image, box, scale, x, y}; box is what moves: the picture, and its text
const fingers = new Map();
let drag = null;

const watch = new ResizeObserver(() => {
  if (now) fit(), place(1, 0, 0);
});

export const zoomed = () => Boolean(now && now.scale > 1);

export function zoomTo(scale, px, py) {
  if (!now) return;
  const area = stage();
  const [x, y] = [px ?? area.left + area.width / 2, py ?? area.top + area.height / 2];
  const next = Math.min(most(), Math.max(1, scale));
  const [left, top] = [x - area.left, y - area.top];
  now.box.style.transition = still.matches || fingers.size > 1 ? "" : "transform 0.16s";
  place(next, left - ((left - now.x) * next) / now.scale, top - ((top - now.y) * next) / now.scale);
}

export const zoomBy = (factor, x, y) => now && zoomTo(now.scale * factor, x, y);
export const zoomToggle = (x, y) => zoomTo(zoomed() ? 1 : natural(), x, y);

const stage = () => now.box.parentElement.getBoundingClientRect();
const whole = () => Number(now.image.getAttribute("width")) || now.image.naturalWidth;
const natural = () => Math.max(2, whole() / (now.image.offsetWidth || 1) / devicePixelRatio);
const most = () => Math.max(4, natural() * 3);

function fit() {
  const { image, box } = now;
  const [wide, high] = [whole(), Number(image.getAttribute("height")) || image.naturalHeight];
  const area = box.parentElement;
  if (!wide || !high || !area.clientWidth) return;
  const scale = Math.min(area.clientWidth / wide, area.clientHeight / high, 1);
  Object.assign(image.style, { width: `${wide * scale}px`, height: `${high * scale}px`, maxHeight: "none" });
}

function place(scale, x, y) {
  const { box, image, link } = now;
  const area = stage();
  const keep = (at, size, room) => {
    const slack = Math.max(0, size * scale - room) / 2; // how far the picture's edges lie outside
    const middle = (room - room * scale) / 2;
    return Math.min(middle + slack, Math.max(middle - slack, at));
  };
  const free = scale > 1;
  Object.assign(now, {
    scale,
    x: free ? keep(x, image.offsetWidth, area.width) : 0,
    y: free ? keep(y, image.offsetHeight, area.height) : 0,
  });
  box.style.transformOrigin = "0 0";
  box.style.transform = free ? `translate(${now.x}px, ${now.y}px) scale(${scale})` : "";
  link.classList.toggle("zoomed", free);
  if (free) sharpen();
}

// The whole picture, once more pixels are shown than the picture at hand has.
function sharpen() {
  const { link, image, scale } = now;
  const address = link.dataset.whole;
  const shown = Math.max(image.offsetWidth, image.offsetHeight) * scale * devicePixelRatio;
  if (!address || link.dataset.asked || shown <= LONGEST * 1.05) return;
  link.dataset.asked = "yes";
  const better = new Image();
  better.src = address;
  better.decode().then(
    () => {
      image.parentElement.querySelectorAll("source").forEach((source) => source.remove());
      image.src = better.src;
      link.dataset.sharp = "yes";
    },
    () => {}, // it stays as it is
  );
}

const mine = (event) => now && event.target.closest?.(".picture") === now.link;

addEventListener("click", (event) => {
  if (!mine(event) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (event.pointerType !== "touch" && event.detail) zoomToggle(event.clientX, event.clientY);
});

addEventListener("wheel", (event) => {
  if (!mine(event) || !(event.ctrlKey || zoomed() || now.link.closest(".informed"))) return;
  event.preventDefault();
  zoomBy(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), event.clientX, event.clientY);
}, { passive: false });

addEventListener("pointerdown", (event) => {
  if (!mine(event) || (event.pointerType === "mouse" && !zoomed())) return;
  fingers.set(event.pointerId, event);
  now.box.style.transition = "";
  drag = { from: event, x: now.x, y: now.y, scale: now.scale, apart: apart(), moved: false };
  if (event.pointerType === "mouse") now.link.classList.add("held");
});

addEventListener("pointermove", (event) => {
  if (!drag || !fingers.has(event.pointerId)) return;
  fingers.set(event.pointerId, event);
  const [dx, dy] = [event.clientX - drag.from.clientX, event.clientY - drag.from.clientY];
  drag.moved ||= Math.hypot(dx, dy) > TAP;
  if (fingers.size > 1) {
    const [one, other] = [...fingers.values()];
    drag.apart ||= apart();
    zoomTo((drag.scale * apart()) / drag.apart, (one.clientX + other.clientX) / 2, (one.clientY + other.clientY) / 2);
  } else if (zoomed()) place(now.scale, drag.x + dx, drag.y + dy);
  else if (!still.matches) now.box.style.transform = `translateX(${dx}px)`;
});

const apart = () => {
  const [one, other] = [...fingers.values()];
  return other ? Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) : 0;
};

let tapped = 0;

function release(event) {
  if (!drag || !fingers.delete(event.pointerId)) return;
  now?.link.classList.remove("held");
  const { from, moved } = drag;
  const pinched = drag.apart > 0;
  if (fingers.size) return (drag = null);
  drag = null;
  if (zoomed() && event.pointerType === "mouse" && moved)
    return addEventListener("click", (click) => (click.preventDefault(), click.stopPropagation()), { capture: true, once: true });
  if (zoomed() || event.pointerType === "mouse" || pinched) return;
  now.box.style.transition = "transform 0.16s";
  now.box.style.transform = "";
  const far = event.clientX - from.clientX;
  if (event.type === "pointerup" && Math.abs(far) > innerWidth * SWIPE)
    return dispatchEvent(new CustomEvent("leaf", { detail: far < 0 ? "next" : "prev" }));
  if (!moved) tap(event);
}

function tap(event) {
  const soon = event.timeStamp - tapped < 300;
  tapped = soon ? 0 : event.timeStamp;
  if (soon) zoomToggle(event.clientX, event.clientY);
  else now.link.closest(".stage").classList.toggle("idle");
}

addEventListener("pointerup", release);
addEventListener("pointercancel", release);

whenShown((root) => {
  if (!root.querySelector(".stage")) return;
  const link = root.querySelector(".stage:not(.paper) .frame .picture");
  const image = link?.querySelector("img");
  fingers.clear();
  drag = null;
  now = image ? { link, image, box: link.closest(".written") ?? link, scale: 1, x: 0, y: 0 } : null;
  if (!now) return;
  image.draggable = false;
  fit();
  watch.disconnect();
  watch.observe(now.box.parentElement);
  const at = now;
  setTimeout(() => now === at && sharpen(), DWELL);
});
