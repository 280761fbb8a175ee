// The arrow keys go from photo to photo, Home and End to the first and the last.

const middle = (box) => box.left + box.width / 2;

// The photo above or below: in the nearest row that way, the one nearest to this one's middle.
function vertical(li, way) {
  const own = li.getBoundingClientRect();
  const others = [...li.closest(".photos").querySelectorAll("li[data-sha]")].map((one) => [one, one.getBoundingClientRect()]);
  const beyond = others.filter(([, box]) => (way > 0 ? box.top >= own.bottom - 1 : box.bottom <= own.top + 1));
  if (!beyond.length) return null;
  const nearest = way > 0 ? Math.min(...beyond.map(([, box]) => box.top)) : Math.max(...beyond.map(([, box]) => box.bottom));
  const row = beyond.filter(([, box]) => Math.abs((way > 0 ? box.top : box.bottom) - nearest) < 4);
  return row.reduce((best, one) => (Math.abs(middle(one[1]) - middle(own)) < Math.abs(middle(best[1]) - middle(own)) ? one : best))[0];
}

document.addEventListener("keydown", (event) => {
  const li = event.target.closest?.(".photos li[data-sha]");
  const photos = li?.closest(".photos").photos;
  if (!photos || event.altKey || event.ctrlKey || event.metaKey) return;
  const { sha } = li.dataset;
  const acts = {
    ArrowLeft: () => photos.focus(sha, -1),
    ArrowRight: () => photos.focus(sha, 1),
    ArrowUp: () => to(vertical(li, -1)),
    ArrowDown: () => to(vertical(li, 1)),
    Home: () => photos.focusEnd(false),
    End: () => photos.focusEnd(true),
  };
  const to = (other) => other && photos.focus(other.dataset.sha, 0);
  if (!acts[event.key]) return;
  event.preventDefault();
  acts[event.key]();
});
