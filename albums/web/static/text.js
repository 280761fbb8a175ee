// Lays the text of a picture over it, line by line, so that it can be selected and is seen where the
// words that were looked for are marked. The picture may have any size, and change it.

import { whenShown } from "./shown.js";

whenShown((root) => {
  for (const lines of root.querySelectorAll(".lines")) overlay(lines);
});

function overlay(lines) {
  const picture = lines.parentElement.querySelector("img");
  const all = [...lines.querySelectorAll("[data-box]")].map((line) => ({
    line,
    box: line.dataset.box.split(" ").map(Number),
    turn: Number(line.dataset.turn ?? 0), // quarters, clockwise
  }));
  const lay = () => layOver(picture, lines, all);
  new ResizeObserver(lay).observe(picture);
  picture.addEventListener("load", lay);
  document.fonts.ready.then(lay);
  lay();
}

function layOver(picture, lines, all) {
  const [on, around] = [picture, lines.offsetParent].map((one) => one?.getBoundingClientRect());
  if (!on?.width || !on.height || !around) return;
  const scale = on.width / picture.offsetWidth; // it may be looked at from near
  const [width, height, left, top] = [on.width, on.height, on.left - around.left, on.top - around.top].map((one) => one / scale);
  Object.assign(lines.style, {
    left: `${left}px`,
    top: `${top}px`,
    width: `${width}px`,
    height: `${height}px`,
  });
  const placed = all.map(({ line, box, turn }) => {
    const [wide, high] = [(box[2] - box[0]) * width, (box[3] - box[1]) * height];
    const [along, across] = turn % 2 ? [high, wide] : [wide, high];
    line.style.transform = "none";
    // The corner that its first letter stands in.
    line.style.left = `${(turn === 1 || turn === 2 ? box[2] : box[0]) * width}px`;
    line.style.top = `${(turn >= 2 ? box[3] : box[1]) * height}px`;
    line.style.fontSize = `${Math.max(1, across)}px`;
    return { line, turn, along };
  });
  const drawn = placed.map(({ line }) => line.offsetWidth); // all at once: one layout
  placed.forEach(({ line, turn, along }, i) => {
    if (drawn[i]) line.style.transform = `rotate(${turn * 90}deg) scaleX(${along / drawn[i]})`;
  });
}
