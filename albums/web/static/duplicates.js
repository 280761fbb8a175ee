// Copies are compared by flipping between them in one place, and dealt with by keyboard.

const dialog = document.getElementById("compare");
const stage = dialog.querySelector(".stage");
const NEAR = 4; // times as large
let copies = []; // articles of the group that is compared
let shown = 0;

document.querySelectorAll(".keys").forEach((keys) => { keys.hidden = false; });

// --- compare

function open(article) {
  copies = [...article.closest(".copies").children];
  stage.replaceChildren(...copies.map((copy) => {
    const image = new Image();
    image.alt = copy.querySelector("img")?.alt ?? "";
    image.src = `/api/v1/assets/${copy.querySelector(".look").dataset.sha}/pictures/1600`;
    return image;
  }));
  dialog.showModal();
  show(copies.indexOf(article));
  zoom(null);
}

function show(place) {
  shown = (place + copies.length) % copies.length;
  [...stage.children].forEach((image, n) => image.classList.toggle("on", n === shown));
  const words = [...copies[shown].querySelectorAll("dl div")].slice(0, 3);
  const about = words.map((row) => row.querySelector("dd").textContent).join(" · ");
  const name = stage.children[shown].alt;
  dialog.querySelector(".about").textContent = `${shown + 1} of ${copies.length}: ${name} · ${about}`;
}

function zoom(event) {
  stage.classList.toggle("near", event !== null);
  const box = stage.getBoundingClientRect();
  for (const image of stage.children) {
    image.style.transform = event ? `scale(${NEAR})` : "";
    if (event) image.style.transformOrigin = `${event.clientX - box.left}px ${event.clientY - box.top}px`;
  }
}

stage.addEventListener("click", (event) => zoom(stage.classList.contains("near") ? null : event));
stage.addEventListener("pointermove", (event) => {
  if (stage.classList.contains("near")) zoom(event);
});
dialog.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.go) show(shown + Number(button.dataset.go));
  if (button?.hasAttribute("data-keep")) keep();
  if (button?.hasAttribute("data-close")) dialog.close();
});
dialog.addEventListener("keydown", (event) => {
  if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
    event.preventDefault();
    show(shown + (event.key === "ArrowRight" ? 1 : -1));
  }
});

function keep() {
  const radio = copies[shown].querySelector("[type=radio]");
  radio.checked = true;
  dialog.close();
  radio.focus();
}

// --- keyboard and groups

const groups = () => [...document.querySelectorAll(".group")];
const chosen = (group) => group.querySelector("[type=radio]:checked");
const press = (group, act) => group.querySelector(`button[value=${act}]`).click();

function go(from, by) {
  const all = groups();
  const next = all[Math.min(all.length - 1, Math.max(0, all.indexOf(from) + by))];
  if (!next) return;
  next.scrollIntoView({ block: "nearest" });
  chosen(next).focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
  const look = event.target.closest(".look");
  if (!look || event.ctrlKey || event.metaKey || event.shiftKey || !look.querySelector("img")) return;
  event.preventDefault();
  open(look.closest("article"));
});

document.addEventListener("keydown", (event) => {
  const field = event.target.closest("input:not([type=radio], [type=checkbox]), textarea, dialog");
  if (field || event.ctrlKey || event.metaKey || event.altKey) return;
  const group = event.target.closest(".group");
  const key = event.key.toLowerCase();
  if (key === "j") go(group, 1);
  else if (key === "k") go(group, -1);
  else if (group && key === "n") press(group, "keep-all");
  else if (group && key === "c") open(chosen(group).closest("article"));
});

// Dealt with: on to the next one, so that a row of them is a row of Enters.
let following = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, target } = event.detail;
  if (xhr.status >= 400 && xhr.status < 500) { // it says why
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
  following = target.nextElementSibling;
  while (following && !following.classList.contains("group")) following = following.nextElementSibling;
});
document.addEventListener("htmx:afterSettle", (event) => {
  const group = event.target.closest?.(".group") ?? following;
  (group ? chosen(group) : event.target).focus();
});
