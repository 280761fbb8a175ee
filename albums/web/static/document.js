// Has the next page of a document ready, and says why one cannot be shown.

import { whenShown } from "./shown.js";

async function sayWhy(picture) {
  const { error } = await (await fetch(picture.src)).json();
  const said = document.createElement("p");
  said.className = "say";
  said.setAttribute("role", "status");
  said.textContent = [error.what, error.why, error.hint].filter(Boolean).join(". ") + ".";
  picture.closest(".leaf").before(said);
}

function prepare(picture) {
  if (picture.complete && !picture.naturalWidth) sayWhy(picture);
  else picture.addEventListener("error", () => sayWhy(picture), { once: true });
  const next = picture.closest(".leafing").querySelector("a[rel=next]");
  if (!next) return;
  const number = new URL(next.href).searchParams.get("page");
  const ahead = () => { new Image().src = picture.src.replace(/[^/]+$/, number); };
  picture.complete ? ahead() : picture.addEventListener("load", ahead, { once: true });
}

whenShown((root) => root.querySelectorAll(".leaf img").forEach(prepare));
