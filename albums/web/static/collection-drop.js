// Photos that are dragged here, also from another window, are put into the collection.

const CARRIED = "application/x-albums-shas";
const under = (event) => event.dataTransfer.types.includes(CARRIED) && event.target.closest("main [data-drop-collection]");

let over = null;
function mark(target) {
  over?.classList.remove("dropping");
  over = target || null;
  over?.classList.add("dropping");
}

addEventListener("dragover", (event) => {
  mark(under(event));
  if (!over) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
});
addEventListener("dragleave", () => mark(null));
addEventListener("drop", async (event) => {
  const target = under(event);
  mark(null);
  if (!target) return;
  event.preventDefault();
  const answer = await fetch(`/api/v1/collections/${encodeURIComponent(target.dataset.dropCollection)}/add`, {
    method: "POST", headers: { "content-type": "application/json" },
    body: JSON.stringify({ assets: JSON.parse(event.dataTransfer.getData(CARRIED)) }),
  });
  const told = await answer.json();
  if (answer.ok) return location.reload();
  document.getElementById("told").textContent = told.error.what;
});
