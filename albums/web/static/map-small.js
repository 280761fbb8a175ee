// A small map, drawn by the box, where a page says a place: <div class="place-map" data-latitude
// data-longitude>. It leads to the same place on the large one.
const drawn = async (box) => {
  const answer = await fetch(`/map/around?${new URLSearchParams({ ...box.dataset })}`);
  if (answer.ok) box.innerHTML = await answer.text();
};
for (const box of document.querySelectorAll(".place-map")) drawn(box);
document.addEventListener("htmx:load", ({ target }) => target.querySelectorAll?.(".place-map:empty").forEach(drawn));
