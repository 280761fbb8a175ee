// The moving part of a photo in a list plays while its mark is pressed, or the pointer rests on it.

import { playable, plays } from "./playable.js";

const still = matchMedia("(prefers-reduced-motion: reduce)");
let playing = null; // {mark, film}

function stop() {
  playing?.film?.remove();
  playing?.mark.classList.remove("playing");
  playing = null;
}

async function start(mark) {
  if (playing?.mark === mark) return;
  stop();
  const mine = (playing = { mark, film: null });
  mark.classList.add("playing");
  const api = `/api/v1/assets/${mark.closest("li").dataset.sha}`;
  const found = await playable(`${api}/playable`).catch(() => null);
  if (playing !== mine) return;
  if (!found || !plays(found)) return stop();
  mine.film = document.createElement("video");
  Object.assign(mine.film, { src: `${api}/play`, muted: true, playsInline: true, loop: true, onerror: stop });
  mark.before(mine.film);
  mine.film.play().catch(() => {});
}

const mark = (event) => event.target.closest?.(".photos .live");

document.addEventListener("pointerover", (event) => {
  const found = mark(event);
  if (found && event.pointerType === "mouse" && !still.matches) start(found);
  else if (!found && event.pointerType === "mouse") stop();
});
document.addEventListener("pointerdown", (event) => mark(event) && start(mark(event)));
for (const over of ["pointerup", "pointercancel"]) addEventListener(over, (event) => event.pointerType !== "mouse" && stop());
// A press is not a click on the photo, and opens no menu.
for (const own of ["click", "contextmenu", "dragstart"])
  document.addEventListener(own, (event) => mark(event) && event.preventDefault());
