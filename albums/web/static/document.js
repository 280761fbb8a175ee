// Turns the pages of a document by keys, and has the next one ready.

const picture = document.querySelector(".leaf img");

function turn(event) {
  const typing = event.target.closest("input, textarea, select");
  if (typing || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const way = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  const link = way && document.querySelector(`.leafing a[rel=${way}]`);
  if (link) link.click();
}

addEventListener("keydown", turn);

const next = document.querySelector(".leafing a[rel=next]");
if (next) {
  const number = new URL(next.href).searchParams.get("page");
  const ahead = () => { new Image().src = picture.src.replace(/[^/]+$/, number); };
  picture.complete ? ahead() : picture.addEventListener("load", ahead, { once: true });
}
