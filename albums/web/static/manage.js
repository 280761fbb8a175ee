// The manager's grid: photos are checked by hand, by range, by a rectangle; the form says how many.

import { clear, count, selectAll, selection, total } from "./selection.js";

const form = document.querySelector("form.chosen");
const change = form.querySelector(".change");
const number = (n) => n.toLocaleString("en");
const buttons = Object.fromEntries([...form.querySelectorAll("[data-select]")].map((one) => [one.dataset.select, one]));

function tell() {
  const many = count();
  change.querySelector(".count").textContent = many ? `${number(many)} selected` : "What to change";
  form.elements.which.value = selection.all ? "all" : "chosen";
  buttons.all.hidden = selection.all || many >= total();
  buttons.all.textContent = `Select all ${number(total())}`;
  buttons.none.hidden = !many;
}

buttons.all.addEventListener("click", selectAll);
buttons.none.addEventListener("click", clear);
document.addEventListener("selected", tell);
form.addEventListener("change", (event) => {
  if (event.target.name !== "which") return;
  if (event.target.value === "all") selectAll();
  else clear();
});
form.addEventListener("formdata", ({ formData }) => {
  if (!selection.all) return;
  formData.delete("assets");
  for (const sha of selection.without) formData.append("without", sha);
});
if (matchMedia("(max-width: 62rem)").matches)
  for (const details of [change, document.querySelector(".narrow")]) details.open = false;
tell();
