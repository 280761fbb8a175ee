// One photo of a list as an element: made from what the box says of it, or from the page itself.

import { hold } from "./placeholders.js";
import { picture } from "./strips.js";

const prototype = document.createElement("template");
prototype.innerHTML =
  '<li><a></a><button class="pick" type="button" tabindex="-1" aria-pressed="false"></button></li>';

const span = (name, text, parent, unseen) => {
  const made = document.createElement("span");
  made.className = name;
  made.textContent = text;
  parent.append(made);
  if (unseen) span("unseen", unseen, made);
  return made;
};

const clock = (seconds) => {
  const whole = Math.round(seconds), two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
  return `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}`;
};

const KINDS = { photo: "Photo", video: "Film", document: "Document", audio: "Sound" };

// In words, for who cannot see it.
function said({ title, name, kind, local, place }) {
  if (title || name) return title || name;
  const at = local ? new Date(local.slice(0, 19)) : null;
  const when = at?.toLocaleString("en-GB", { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" });
  return [KINDS[kind] ?? "File", when, place].filter(Boolean).join(", ");
}

export function make(item, query) {
  const li = prototype.content.firstElementChild.cloneNode(true);
  const link = li.firstElementChild;
  li.dataset.sha = item.sha;
  li.dataset.kind = item.kind;
  if (item.thumbhash) li.dataset.thumbhash = item.thumbhash;
  link.href = `/assets/${item.sha}${query ? `?q=${encodeURIComponent(query)}` : ""}`;
  link.title = said(item);
  if (!item.thumbhash) {
    const file = span("file", "", link);
    file.append(Object.assign(document.createElement("b"), { textContent: item.kind }), item.name ?? "");
  } else {
    if (item.kind === "video") {
      const length = span("length", "▶", link, "video");
      if (item.duration) length.append(` ${clock(item.duration)}`);
    }
    if (item.kind === "document") span("name", item.name ?? "", link);
    if (item.moving) span("live", "Live", link);
  }
  if (item.favourite) span("favourite", "♥", link, "favourite");
  if (item.stack) span("stacked", `❐ ${item.stack}`, link).title = `${item.stack} in a stack`;
  return finished(li, link);
}

// What is only there with scripts: the picture as an element that we fill, and the check button.
function finished(li, link) {
  if (li.dataset.thumbhash) {
    const image = new Image();
    image.alt = link.title;
    image.decoding = "async";
    image.dataset.thumbhash = li.dataset.thumbhash;
    if (li.dataset.kind === "video") image.dataset.preview = `/api/v1/assets/${li.dataset.sha}/pictures/frames`;
    link.prepend(image);
  }
  li.querySelector(".pick").setAttribute("aria-label", `Select ${link.title}`);
  return li;
}

// An element that came with the page.
export function adopt(li) {
  const link = li.querySelector("a");
  li.querySelector("noscript")?.remove();
  link.after(prototype.content.querySelector(".pick").cloneNode());
  finished(li, link);
  const { sha, kind, aspect, thumbhash } = li.dataset;
  return { sha, kind, aspect: Number(aspect) || 1, thumbhash, li };
}

// Gives it its picture, if there is one now, and says so. 800 is taken where it is there.
export function show(li) {
  const image = li.querySelector("img");
  if (!image) return true;
  const found = picture(li.dataset.sha, 800) ?? picture(li.dataset.sha, 300);
  if (!found) return false;
  // One that moves just now (preview.js) is left alone.
  if (!image.getAttribute("src")?.startsWith("/api/") && image.src !== found) image.src = found;
  return true;
}

export function placeholder(li) {
  const image = li.querySelector("img");
  if (image && !image.getAttribute("src")) hold(image);
}
