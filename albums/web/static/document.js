// Turns the pages of a document by keys, has the next one ready, and says why one cannot be shown.

const picture = document.querySelector(".leaf img");

function turn(event) {
  const typing = event.target.closest("input, textarea, select");
  if (typing || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const way = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  const link = way && document.querySelector(`.leafing a[rel=${way}]`);
  if (link) link.click();
}

async function sayWhy() {
  const { error } = await (await fetch(picture.src)).json();
  const said = document.createElement("p");
  said.className = "say";
  said.setAttribute("role", "status");
  said.textContent = [error.what, error.why, error.hint].filter(Boolean).join(". ") + ".";
  picture.closest(".leaf").before(said);
}

addEventListener("keydown", turn);
if (picture.complete && !picture.naturalWidth) sayWhy();
else picture.addEventListener("error", sayWhy, { once: true });

const next = document.querySelector(".leafing a[rel=next]");
if (next) {
  const number = new URL(next.href).searchParams.get("page");
  const ahead = () => { new Image().src = picture.src.replace(/[^/]+$/, number); };
  picture.complete ? ahead() : picture.addEventListener("load", ahead, { once: true });
}
