// Keys, and what appears and goes on the stage: information, full screen, help, signs.

import { ahead, leaf, viewer } from "./beside.js";
import { send } from "./inline.js";
import { zoomBy, zoomed, zoomTo, zoomToggle } from "./zoom.js";
import { whenShown } from "./shown.js";

const REST = 2600; // milliseconds without a move, after which only the picture is there
const YEAR = 31_536_000; // seconds
const wide = matchMedia("(min-width: 60.01rem)");
const find = (what) => document.querySelector(what);

whenShown((root) => {
  if (!root.querySelector(".bar")) return;
  const can = { whole: document.fullscreenEnabled, keys: true };
  for (const [act, possible] of Object.entries(can)) root.querySelector(`[data-act=${act}]`).hidden = !possible;
  info(viewer().classList.contains("informed"), false);
});

// --- information

function info(shown, remember = true) {
  viewer().classList.toggle("informed", shown);
  find("[data-act=info]").setAttribute("aria-expanded", String(shown));
  if (remember) document.cookie = `informed=${shown ? 1 : 0}; path=/; max-age=${YEAR}; samesite=lax`;
}

function toggleInfo() {
  if (wide.matches) return info(!viewer().classList.contains("informed"));
  const away = scrollY > innerHeight / 3;
  (away ? find(".stage") : find("#info")).scrollIntoView({ behavior: "smooth" });
}

// --- acts

const whole = () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen());
const help = () => find("#keys").showModal();
const like = () => find(".like").requestSubmit(find(".like button"));
const stars = (count) => send(find(".stars").action, [...new FormData(find(".stars")), ["rating", count || ""]]);

async function throwAway() {
  const form = find(".away");
  const act = form.querySelector("button");
  const back = act.value === "restore";
  await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form, act)) });
  if (back) return location.reload();
  if (!(find(".beside a[rel=next]") ? await leaf("next") : await leaf("prev"))) leave();
}

function leave() {
  const before = document.referrer && new URL(document.referrer);
  const fromList = before && before.origin === location.origin && !before.pathname.startsWith("/assets/");
  if (fromList && history.length > 1) history.back();
  else location.assign(find(".back").href);
}

function escape() {
  if (zoomed()) zoomTo(1);
  else leave();
}

// --- keys

function turn(way) {
  const page = find(`:is(.leafing, .several) a[rel=${way}]`);
  if (page) page.click();
  else leaf(way);
}

const KEYS = {
  ArrowLeft: () => turn("prev"), ArrowRight: () => turn("next"), j: () => leaf("next"), k: () => leaf("prev"),
  z: () => zoomToggle(), "+": () => zoomBy(1.5), "=": () => zoomBy(1.5), "-": () => zoomBy(1 / 1.5),
  f: like, F: whole, D: () => find(".bar a[download]").click(), i: toggleInfo, Delete: throwAway,
  "/": () => find(".seek input").select(), "?": help, Escape: escape,
  ...Object.fromEntries([0, 1, 2, 3, 4, 5].map((count) => [count, () => stars(count)])),
};

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || find("#keys").open) return;
  const typing = event.target.closest?.("input, textarea, select");
  if (typing) return event.key === "Escape" && typing.blur();
  if (event.key.startsWith("Arrow") && event.target.closest?.("video, [role=application], .scroll")) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  wake();
  act();
});

addEventListener("leaf", (event) => leaf(event.detail));

addEventListener("submit", (event) => {
  if (!event.target.matches(".away")) return;
  event.preventDefault();
  throwAway();
});

addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const way = event.target.closest(".beside a")?.rel;
  const act = way
    ? () => leaf(way)
    : { info: toggleInfo, whole, keys: help }[event.target.closest("[data-act]")?.dataset.act] ??
      (event.target.closest(".back") && leave);
  if (!act) return;
  event.preventDefault();
  act();
});

// --- signs

let rest;

function wake() {
  find(".stage").classList.remove("idle");
  clearTimeout(rest);
  rest = setTimeout(() => {
    const stage = find(".stage");
    if (!stage.querySelector(".bar:hover, .turning:hover, .moving:hover, :focus-visible")) stage.classList.add("idle");
  }, REST);
}

addEventListener("pointermove", (event) => event.pointerType === "mouse" && wake());
document.addEventListener("focusin", wake);
wake();
ahead();
