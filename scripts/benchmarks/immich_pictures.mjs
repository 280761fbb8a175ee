// What Immich makes of a photo (peers: preview 1440 px outside as JPEG q80 4:4:4, thumbnail 250 px
// outside as WebP q80, thumbhash from 100 px), with sharp. Prints CPU seconds for all files.
import sharp from "sharp";
import { rgbaToThumbHash } from "thumbhash";

sharp.concurrency(1);
sharp.cache(false);
const files = process.argv.slice(2);

async function pictures(file) {
  const decoded = await sharp(file)
    .rotate()
    .toColourspace("srgb")
    .resize(1440, 1440, { fit: "outside", withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { raw: decoded.info };
  const outside = { fit: "outside", withoutEnlargement: true };
  const small = await sharp(decoded.data, raw).resize(100, 100, { fit: "inside" }).ensureAlpha()
    .raw().toBuffer({ resolveWithObject: true });
  rgbaToThumbHash(small.info.width, small.info.height, small.data);
  const preview = sharp(decoded.data, raw).jpeg({ quality: 80, chromaSubsampling: "4:4:4" });
  const thumb = sharp(decoded.data, raw).resize(250, 250, outside).webp({ quality: 80 });
  const [a, b] = await Promise.all([preview.toBuffer(), thumb.toBuffer()]);
  return a.length + b.length;
}

await pictures(files[0]); // warm up
const before = process.cpuUsage();
let bytes = 0;
for (const file of files) bytes += await pictures(file);
const used = process.cpuUsage(before);
console.log(JSON.stringify({ seconds: (used.user + used.system) / 1e6, bytes }));
