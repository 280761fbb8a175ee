// The moving part of a photo, over the photo: while the pointer rests on the button without sound,
// and with sound when it is pressed.

import { playable, plays } from "./playable.js";
import { whenShown } from "./shown.js";

const still = matchMedia("(prefers-reduced-motion: reduce)");

function prepare(part) {
  const figure = part.closest("figure");
  const picture = figure.querySelector("img, .file"); // its name, where there is no picture yet
  const button = part.querySelector("button");
  const status = part.querySelector('[role="status"]');
  let film = null;
  let asked = 0; // the last wish; what was wished before is out of date

  const stop = () => {
    asked += 1;
    film?.remove();
    film = null;
    button.setAttribute("aria-pressed", "false");
    status.textContent = "";
  };

  const start = async (muted) => {
    stop();
    const wish = asked;
    button.setAttribute("aria-pressed", String(!muted));
    const found = await playable(part.dataset.playable, () => {
      if (wish === asked) status.textContent = "It is being made playable …";
    }).catch(() => ({ state: "not", why: "The box does not answer." }));
    if (wish !== asked) return;
    status.textContent = plays(found) ? "" : found.why;
    if (!plays(found)) return button.setAttribute("aria-pressed", "false");
    film = document.createElement("video");
    Object.assign(film, { src: part.dataset.play, muted, playsInline: true, onended: stop });
    film.onerror = () => {
      stop();
      status.textContent = "This browser cannot play it.";
    };
    const frame = picture.closest("a") ?? picture.parentElement;
    frame.classList.add("moves");
    frame.append(film);
    film.play().catch(() => {}); // who stops it at once interrupts this
  };

  button.addEventListener("click", () => (button.getAttribute("aria-pressed") === "true" ? stop() : start(false)));
  button.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && !still.matches && !film && start(true));
  button.addEventListener("pointerleave", () => film?.muted && stop());
}

whenShown((root) => root.querySelectorAll(".moving").forEach(prepare));
