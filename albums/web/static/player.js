// A film, large: it starts to be shown when a version for browsers has been made.

import { playable, plays } from "./playable.js";
import { whenShown } from "./shown.js";

const MAKING = "A version that every browser plays is being made. It starts here when it is ready.";

function say(player, text) {
  const status = player.querySelector('[role="status"]');
  status.textContent = text;
  status.hidden = !text;
}

function show(player) {
  const video = player.querySelector("video");
  player.querySelector(".poster")?.remove();
  video.hidden = false;
  video.src = player.dataset.play;
  player.dataset.state = "ready";
  say(player, "");
}

async function look(player) {
  try {
    const found = await playable(player.dataset.playable, ({ why }) => say(player, `${MAKING} ${why}`.trim()));
    if (plays(found)) show(player);
    else say(player, `This film does not play in browsers. ${found.why}`.trim());
  } catch {
    say(player, "The box does not answer. Load the page again.");
  }
}

function start(player) {
  const video = player.querySelector("video");
  video.addEventListener("error", () => {
    if (video.error && video.getAttribute("src"))
      say(player, "This browser cannot play it, or not any further. Save the original and open it in a player.");
  });
  if (player.dataset.state === "being made") look(player);
}

whenShown((root) => root.querySelectorAll(".player").forEach(start));
