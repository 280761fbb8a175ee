// Paints a photo's ThumbHash (https://evanw.github.io/thumbhash/) until the photo itself is there.

const LONGEST = 32;

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

function paint({ aspect, means, waves }) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(aspect > 1 ? LONGEST : LONGEST * aspect);
  canvas.height = Math.round(aspect > 1 ? LONGEST / aspect : LONGEST);
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  for (let y = 0, i = 0; y < canvas.height; y++)
    for (let x = 0; x < canvas.width; x++, i += 4) {
      const [light, yellow, reddish] = means.map((mean, c) =>
        waves[c].reduce(
          (sum, [fx, fy, amplitude]) =>
            sum +
            2 * amplitude *
              Math.cos((Math.PI / canvas.width) * (x + 0.5) * fx) *
              Math.cos((Math.PI / canvas.height) * (y + 0.5) * fy),
          mean,
        ),
      );
      const blue = light - (2 / 3) * yellow;
      const red = (3 * light - blue + reddish) / 2;
      image.data.set([255 * red, 255 * (red - reddish), 255 * blue, 255], i);
    }
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}

for (const photo of document.querySelectorAll("img[data-thumbhash]")) {
  if (photo.complete && photo.naturalWidth) continue;
  const hash = Uint8Array.from(atob(photo.dataset.thumbhash), (c) => c.charCodeAt(0));
  photo.style.backgroundImage = `url(${paint(decode(hash))})`;
}
