// Lays the text of a picture over it, line by line, so that it can be selected and is seen where the
// words that were looked for are marked. The picture may have any size, and change it.

const HIGH = 1.5; // height by width from which a line runs down

for (const lines of document.querySelectorAll(".lines")) {
  const picture = lines.parentElement.querySelector("img");
  const all = [...lines.querySelectorAll("[data-box]")].map((line) => ({
    line,
    box: line.dataset.box.split(" ").map(Number),
  }));
  const lay = () => layOver(picture, lines, all);
  new ResizeObserver(lay).observe(picture);
  picture.addEventListener("load", lay);
  document.fonts.ready.then(lay);
  lay();
}

function layOver(picture, lines, all) {
  const { width, height, left, top } = picture.getBoundingClientRect();
  if (!width || !height) return;
  const around = lines.offsetParent.getBoundingClientRect();
  Object.assign(lines.style, {
    left: `${left - around.left}px`,
    top: `${top - around.top}px`,
    width: `${width}px`,
    height: `${height}px`,
  });
  for (const { line, box } of all) {
    const [wide, high] = [(box[2] - box[0]) * width, (box[3] - box[1]) * height];
    line.style.transform = "none";
    line.style.left = `${(high > HIGH * wide ? box[2] : box[0]) * width}px`;
    line.style.top = `${box[1] * height}px`;
    line.style.fontSize = `${Math.max(1, high > HIGH * wide ? wide : high)}px`;
  }
  const drawn = all.map(({ line }) => line.offsetWidth);
  all.forEach(({ line, box }, i) => {
    if (!drawn[i]) return;
    const [wide, high] = [(box[2] - box[0]) * width, (box[3] - box[1]) * height];
    const down = high > HIGH * wide;
    line.style.transform = down
      ? `rotate(90deg) scaleX(${high / drawn[i]})`
      : `scaleX(${wide / drawn[i]})`;
  });
}
