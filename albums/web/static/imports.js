// Parts of a page that change while something runs are asked for again, until nothing runs.

const SOON = 1000;
const LATER = 5000; // an import may begin in the shell

async function refresh(part) {
  const answer = await fetch(part.dataset.live).catch(() => null);
  if (answer?.ok) part.innerHTML = await answer.text();
  const runs = part.querySelector("[data-running]");
  if (runs || part.dataset.always !== undefined) {
    setTimeout(refresh, runs ? SOON : LATER, part);
  }
}

for (const part of document.querySelectorAll("[data-live]")) {
  if (part.querySelector("[data-running]") || part.dataset.always !== undefined) {
    setTimeout(refresh, SOON, part);
  } else if (!part.childElementCount) refresh(part);
}
