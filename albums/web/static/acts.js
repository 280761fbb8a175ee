// What can be done to selected photos: the bar, its panels, what was done and how it is undone.

import { clear, count, selectAll, selection, total } from "./selection.js";

const bar = document.querySelector(".selection");
const photos = document.querySelector(".photos");
const MANY = 500; // that are asked about first
const KEPT = "albums-said"; // across a reload
const SHOWN = 12_000; // milliseconds
const STAY = { collect: "collection", tags: "tag", rating: "rating", steps: "failed" }; // unless the query is of them

const number = (n) => n.toLocaleString("en");

async function send(path, content) {
  const answer = await fetch(`/api/v1/acts${path}`, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(content ?? {}),
  });
  const said = await answer.json();
  if (!answer.ok) throw new Error([said.error.what, said.error.hint].filter(Boolean).join(". "));
  return said;
}

const meant = (shas) =>
  shas ? { assets: shas }
  : selection.all ? { query: photos.dataset.query, without: [...selection.without] }
  : { assets: [...selection.chosen] };

export async function act(what, shas) {
  const many = shas?.length ?? count();
  if (many > MANY && !confirm(`This is done to ${number(many)} photos. Go on?`)) return;
  bar.setAttribute("aria-busy", "true");
  say(`Working on ${number(many)} photos …`);
  try {
    const done = await send("", { ...meant(shas), act: what });
    const words = done.changed ? `${number(done.changed)} ${done.changed === 1 ? "photo" : "photos"} ${done.words}` : "Nothing to change: it is so already";
    if (!shas) clear();
    settle({ words, undo: done.id }, done.changed && stays(what.kind));
  } catch (error) {
    say(error.message, null, true);
  } finally {
    bar.removeAttribute("aria-busy");
  }
}

async function undo(id) {
  try {
    const { assets, left } = await send(`/${id}/undo`);
    const but = left ? `; ${number(left)} were changed again since and stay` : "";
    settle({ words: `Undone for ${number(assets)} ${assets === 1 ? "photo" : "photos"}${but}` }, false);
  } catch (error) {
    say(error.message, null, true);
  }
}

const stays = (kind) => kind in STAY && !photos.dataset.query.includes(`${STAY[kind]}:`);

// Said now, or once the page shows how things are.
function settle(told, here) {
  if (here || !told.words) return say(told.words, told.undo);
  sessionStorage.setItem(KEPT, JSON.stringify(told));
  location.reload();
}

const toast = document.querySelector(".toast");
let leaving;
function say(words, id, bad) {
  toast.replaceChildren(words);
  toast.classList.toggle("bad", Boolean(bad));
  if (id) {
    const back = Object.assign(document.createElement("button"), { type: "button", textContent: "Undo" });
    back.addEventListener("click", () => undo(id));
    toast.append(" ", back);
  }
  toast.hidden = false;
  clearTimeout(leaving);
  if (!words.endsWith("…")) leaving = setTimeout(() => !toast.matches(":hover, :focus-within") && (toast.hidden = true), SHOWN);
}

document.addEventListener("selected", () => {
  const many = count();
  bar.hidden = !many;
  document.body.classList.toggle("selects", many > 0);
  bar.querySelector(".count").textContent = `${number(many)} selected`;
  const all = bar.querySelector("[data-select=all]");
  all.hidden = selection.all || !total() || many >= total();
  all.textContent = `Select all ${number(total())}`;
});

document.addEventListener("click", (event) => {
  const button = event.target.closest(".selection button, .panel button");
  if (!button) return;
  if (button.dataset.select === "all") selectAll();
  else if (button.dataset.select) clear();
  else if (button.dataset.collection) act({ kind: "collect", collection: button.dataset.collection });
  else if (button.dataset.act) act(JSON.parse(button.dataset.act));
  else return;
  document.querySelector(".panel:popover-open")?.hidePopover();
});

const words = (text) => text.split(",").map((each) => each.trim()).filter(Boolean);
const READ = {
  tags: (of) => ({ add: words(of("add")), remove: words(of("remove")) }),
  collect: (of) => ({ collection: of("collection") }),
  place: (of) => ({ value: of("place") }),
  times: (of) => ({ act: "shift", by: of("by") }),
  steps: (of, form) => ({ steps: new FormData(form).getAll("steps") }),
};
document.addEventListener("submit", (event) => {
  const { kind } = event.target.dataset;
  if (!event.target.matches(".panel form")) return;
  event.preventDefault();
  const data = new FormData(event.target);
  act({ kind, ...READ[kind]((name) => data.get(name) ?? "", event.target) });
  event.target.closest(".panel").hidePopover();
  event.target.reset();
});

// Selected photos are dropped onto a collection; a change at once would end the drag.
const collections = document.querySelector("#select-collect");
document.addEventListener("carrying", () => setTimeout(() => collections.showPopover()));
document.addEventListener("dragend", () => collections.hidePopover());
const dropped = (event) => event.target.closest?.(".selection [data-drop-collection], .panel [data-drop-collection]");
document.addEventListener("dragover", (event) => {
  if (!dropped(event) || !event.dataTransfer.types.includes("application/x-albums-shas")) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
});
document.addEventListener("drop", (event) => {
  const shas = dropped(event) && event.dataTransfer.getData("application/x-albums-shas");
  if (!shas) return;
  event.preventDefault();
  act({ kind: "collect", collection: dropped(event).dataset.dropCollection }, JSON.parse(shas));
});

const kept = sessionStorage.getItem(KEPT);
sessionStorage.removeItem(KEPT);
if (kept) {
  const { words: told, undo: id } = JSON.parse(kept);
  say(told, id);
}
