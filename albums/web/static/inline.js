// What is said of an asset is sent without leaving it. The page that answers holds what is new.

import { read, settle, viewer } from "./beside.js";

const KEPT = ["#info", ".like", "figcaption"];

export async function send(action, fields) {
  const body = new URLSearchParams([...fields].map(([name, value]) => [name, String(value)]));
  try {
    const answer = await fetch(action, { method: "POST", body });
    if (!new URL(answer.url).pathname.startsWith("/assets/")) return location.assign(answer.url);
    renew(await read(answer));
  } catch {
    complain("The box does not answer. Nothing was changed.");
  }
}

function renew(page) {
  if (!page.querySelector("#info")) return complain(page.querySelector("h2, h1")?.textContent ?? "That did not work.");
  const info = document.querySelector("#info");
  const { scrollTop } = info;
  const open = [...info.querySelectorAll("details")].map((one) => one.open && !one.classList.contains("edit"));
  const strip = info.querySelector(".similar");
  const { name, value } = document.activeElement;
  for (const part of KEPT) document.querySelector(part).replaceWith(document.adoptNode(page.querySelector(part)));
  const fresh = document.querySelector("#info");
  fresh.querySelectorAll("details").forEach((one, number) => (one.open ||= Boolean(open[number])));
  if (strip) fresh.querySelector(".similar").replaceWith(strip);
  fresh.scrollTop = scrollTop;
  settle(fresh);
  refocus(name, value);
}

function refocus(name, value) {
  if (!name) return;
  const same = [...viewer().querySelectorAll(`:is(input, button)[name="${CSS.escape(name)}"]:not([type=hidden])`)];
  (same.find((one) => one.value === value) ?? same[0])?.focus({ preventScroll: true });
}

function complain(words) {
  const said = document.createElement("p");
  said.className = "say";
  said.setAttribute("role", "alert");
  said.textContent = words;
  document.querySelector("#info > .say[role=alert]")?.remove();
  document.querySelector("#info").prepend(said);
  said.scrollIntoView({ block: "nearest" });
}

addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || !form.closest(".viewer") || form.matches(".away")) return;
  event.preventDefault();
  send(form.action, new FormData(form, event.submitter));
});
