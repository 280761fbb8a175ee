// What stands for a photo until it is there: its ThumbHash (https://evanw.github.io/thumbhash/).
// Cheap for many at once: the mean colour at once, the rest in the pauses of the page.

const LONGEST = 16;
const SLICE = 4; // milliseconds at a time

function decode(hash) {
  const header = hash[0] | (hash[1] << 8) | (hash[2] << 16);
  const more = hash[3] | (hash[4] << 8);
  const landscape = more >> 15;
  const across = Math.max(3, landscape ? 7 : more & 7);
  const down = Math.max(3, landscape ? more & 7 : 7);
  let nibble = 0;
  const channel = (nx, ny, scale) => {
    const waves = [];
    for (let y = 0; y < ny; y++)
      for (let x = y ? 0 : 1; x * ny < nx * (ny - y); x++) {
        const value = (hash[5 + (nibble >> 1)] >> ((nibble++ & 1) << 2)) & 15;
        waves.push([x, y, (value / 7.5 - 1) * scale]);
      }
    return waves;
  };
  return {
    aspect: (landscape ? 7 : more & 7) / (landscape ? more & 7 : 7),
    means: [(header & 63) / 63, ((header >> 6) & 63) / 31.5 - 1, ((header >> 12) & 63) / 31.5 - 1],
    waves: [
      channel(across, down, ((header >> 18) & 31) / 31),
      channel(3, 3, (((more >> 3) & 63) / 63) * 1.25),
      channel(3, 3, (((more >> 9) & 63) / 63) * 1.25),
    ],
  };
}

const cosines = (pixels) =>
  Array.from({ length: 7 }, (_, f) =>
    Float32Array.from({ length: pixels }, (_, i) => Math.cos((Math.PI / pixels) * (i + 0.5) * f)),
  );

function colour([light, yellow, reddish]) {
  const blue = light - (2 / 3) * yellow;
  const red = (3 * light - blue + reddish) / 2;
  return [255 * red, 255 * (red - reddish), 255 * blue];
}

function paint({ aspect, means, waves }) {
  const canvas = document.createElement("canvas");
  const wide = (canvas.width = Math.max(1, Math.round(aspect > 1 ? LONGEST : LONGEST * aspect)));
  const high = (canvas.height = Math.max(1, Math.round(aspect > 1 ? LONGEST / aspect : LONGEST)));
  const [across, down] = [cosines(wide), cosines(high)];
  const context = canvas.getContext("2d");
  const image = context.createImageData(wide, high);
  const pixel = [0, 0, 0];
  for (let y = 0, i = 0; y < high; y++)
    for (let x = 0; x < wide; x++, i += 4) {
      for (let c = 0; c < 3; c++) {
        pixel[c] = means[c];
        for (const [fx, fy, amplitude] of waves[c]) pixel[c] += 2 * amplitude * across[fx][x] * down[fy][y];
      }
      image.data.set([...colour(pixel), 255], i);
    }
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}

const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const there = (photo) => photo.complete && photo.naturalWidth;
const waiting = new Set();

function work() {
  const end = performance.now() + SLICE;
  for (const photo of waiting) {
    waiting.delete(photo);
    if (photo.isConnected && !there(photo))
      photo.style.backgroundImage = `url(${paint(decode(bytes(photo.dataset.thumbhash)))})`;
    if (performance.now() > end) break;
  }
  if (waiting.size) soon();
}

const soon = () => (window.requestIdleCallback ?? setTimeout)(work);

// Shows the photo's mean colour now, and soon its ThumbHash.
export function hold(photo) {
  const { means } = decode(bytes(photo.dataset.thumbhash.slice(0, 8) + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
  photo.style.backgroundColor = `rgb(${colour(means).map(Math.round).join(" ")})`;
  if (!waiting.size) soon();
  waiting.add(photo);
}

for (const photo of document.querySelectorAll("img[data-thumbhash]")) if (!there(photo)) hold(photo);
