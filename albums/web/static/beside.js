// From one asset to the next without a new page: the one beside is fetched before it is asked for.

import { hold } from "./placeholders.js";
import { show } from "./shown.js";

const PATIENCE = 250; // milliseconds that the last picture stays until the next is there
const pages = new Map(); // address -> the page, as a promise

export const viewer = () => document.querySelector(".viewer");
const link = (way) => document.querySelector(`.beside a[rel=${way}]`);
const pictureOf = (page) => page.querySelector(".frame .picture img, .frame video[poster]");

export async function read(answer) {
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function page(address) {
  if (!pages.has(address)) {
    const asked = fetch(address).then((answer) => (answer.ok ? read(answer) : Promise.reject(answer.status)));
    asked.catch(() => pages.delete(address));
    pages.set(address, asked);
  }
  return pages.get(address);
}

// The neighbours' pages and pictures are there before anybody wants them.
export function ahead() {
  const near = ["next", "prev"].map((way) => link(way)?.href).filter(Boolean);
  for (const address of pages.keys()) if (!near.includes(address)) pages.delete(address);
  for (const address of near)
    page(address).then((found) => {
      const picture = pictureOf(found);
      if (picture) new Image().src = picture.getAttribute("src") ?? picture.getAttribute("poster");
    }, () => {});
}

export function say(words) {
  document.querySelector("#shown").textContent = words;
}

let wish = 0; // the last; what was wished before is out of date

// `way`: next or prev. Resolves to whether there is one.
export async function leaf(way) {
  const to = link(way);
  if (!to) return say(way === "next" ? "This is the last." : "This is the first."), false;
  const mine = ++wish;
  const address = to.href;
  const focused = document.activeElement === to;
  try {
    const found = await page(address);
    if (mine !== wish) return true;
    await Promise.race([ready(found), new Promise((done) => setTimeout(done, PATIENCE))]);
    if (mine !== wish) return true;
    swap(found, address);
    if (focused) link(way)?.focus();
  } catch {
    location.replace(address); // the box says itself what is wrong
  }
  return true;
}

function ready(found) {
  const picture = pictureOf(found);
  if (picture?.tagName !== "IMG") return Promise.resolve();
  const image = new Image();
  image.src = picture.getAttribute("src");
  return image.decode().catch(() => {});
}

function swap(found, address) {
  pages.delete(address);
  const fresh = found.querySelector(".viewer");
  if (!fresh || fresh.querySelector(".panorama")) return location.replace(address);
  const last = viewer();
  fresh.classList.toggle("informed", last.classList.contains("informed"));
  fresh.querySelector(".stage").classList.toggle("idle", last.querySelector(".stage").classList.contains("idle"));
  const scrolled = last.querySelector("#info").scrollTop;
  last.replaceWith(document.adoptNode(fresh));
  fresh.querySelector("#info").scrollTop = scrolled;
  document.title = found.title;
  history.replaceState(history.state, "", address);
  say(`${found.title.replace(/ – Albums$/, "")}. ${fresh.querySelector("figcaption .quiet").textContent}`);
  settle(fresh);
  ahead();
}

// What came by a fetch becomes alive.
export function settle(fresh) {
  for (const image of fresh.querySelectorAll("img[data-thumbhash]")) if (!image.complete) hold(image);
  show(fresh);
  for (const script of fresh.querySelectorAll("script[src]")) import(script.src);
  window.htmx?.process(fresh);
  window.htmx?.trigger(fresh, "htmx:load");
}
