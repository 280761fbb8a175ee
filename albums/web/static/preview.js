// A film in the grid moves while the pointer rests on it, or while it has the focus.

const still = matchMedia("(prefers-reduced-motion: reduce)");
let shown = null; // the picture that moves, and what it was before

function stop() {
  if (!shown) return;
  const { picture, src, srcset } = shown;
  shown = null;
  picture.srcset = srcset;
  picture.src = src;
}

function start(picture) {
  if (shown?.picture === picture) return;
  stop();
  if (!picture || still.matches) return;
  shown = { picture, src: picture.getAttribute("src"), srcset: picture.getAttribute("srcset") ?? "" };
  const moving = new Image();
  moving.onload = () => {
    if (shown?.picture !== picture) return; // the pointer has gone on
    picture.removeAttribute("srcset");
    picture.src = moving.src;
  };
  moving.onerror = () => delete picture.dataset.preview; // it does not move
  moving.src = picture.dataset.preview;
}

const within = (event) => event.target.closest?.("a")?.querySelector("img[data-preview]") ?? null;

document.addEventListener("pointerover", (event) => event.pointerType === "mouse" && start(within(event)));
document.addEventListener("focusin", (event) => start(within(event)));
document.addEventListener("focusout", stop);
document.documentElement.addEventListener("pointerleave", stop);
