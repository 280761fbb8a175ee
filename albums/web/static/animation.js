// Plays a copy of what this browser cannot play itself. It may still have to be made: until it is
// there, the still picture stays.

import { whenShown } from "./shown.js";

function play(picture) {
  const moving = new Image();
  moving.src = picture.dataset.animation;
  moving.decode().then(
    () => (picture.src = moving.src),
    () => console.warn("The animation cannot be played; the picture stays still."),
  );
}

whenShown((root) => {
  if (matchMedia("(prefers-reduced-motion: no-preference)").matches)
    root.querySelectorAll("img[data-animation]").forEach(play);
});
