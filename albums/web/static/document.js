// Lays the text of a page over its picture, so that it can be selected, and turns pages by keys.

const leaf = document.querySelector(".leaf");
const picture = leaf.querySelector("img");
const lines = [...leaf.querySelectorAll("[data-box]")];

function lay() {
  const { clientWidth: width, clientHeight: height } = picture;
  if (!width || !height) return;
  for (const line of lines) line.style.transform = "none";
  for (const line of lines) {
    const [left, top, right, bottom] = line.dataset.box.split(" ").map(Number);
    Object.assign(line.style, {
      left: `${left * width}px`,
      top: `${top * height}px`,
      fontSize: `${Math.max(1, (bottom - top) * height)}px`,
    });
  }
  const drawn = lines.map((line) => line.offsetWidth);
  lines.forEach((line, i) => {
    const [left, , right] = line.dataset.box.split(" ").map(Number);
    if (drawn[i]) line.style.transform = `scaleX(${((right - left) * width) / drawn[i]})`;
  });
}

function turn(event) {
  const typing = event.target.closest("input, textarea, select");
  if (typing || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const way = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  const link = way && document.querySelector(`.leafing a[rel=${way}]`);
  if (link) link.click();
}

new ResizeObserver(lay).observe(picture);
picture.addEventListener("load", lay);
addEventListener("keydown", turn);
lay();

const next = document.querySelector(".leafing a[rel=next]");
if (next) {
  const number = new URL(next.href).searchParams.get("page");
  const ahead = () => { new Image().src = picture.src.replace(/[^/]+$/, number); };
  picture.complete ? ahead() : picture.addEventListener("load", ahead, { once: true });
}
