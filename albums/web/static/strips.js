// The small pictures of many photos in one request, cut into pieces that images can show. What was
// fetched last is kept, up to a limit; what is out of sight before it was asked for is not asked for.

const MOST_BYTES = 48e6;
const AT_ONCE = 3;

const kept = new Map(); // "300/sha" -> {url, bytes}, the one used longest ago first
let bytes = 0;

export function picture(sha, size) {
  const key = `${size}/${sha}`, found = kept.get(key);
  if (!found) return null;
  kept.delete(key);
  kept.set(key, found);
  return found.url;
}

function keep(sha, size, part) {
  const key = `${size}/${sha}`;
  if (kept.has(key)) return;
  const type = part[0] === 0xff ? "image/jpeg" : "image/webp";
  kept.set(key, { url: URL.createObjectURL(new Blob([part], { type })), bytes: part.length });
  bytes += part.length;
  for (const [old, { url, bytes: length }] of kept) {
    if (bytes < MOST_BYTES) break;
    URL.revokeObjectURL(url);
    kept.delete(old);
    bytes -= length;
  }
}

function cut(shas, size, whole) {
  const view = new DataView(whole);
  let at = 0;
  for (const sha of shas) {
    const length = view.getUint32(at);
    if (length) keep(sha, size, new Uint8Array(whole, at + 4, length));
    at += 4 + length;
  }
}

// What one page of photos wants; `arrived` hears of the hashes that there are pictures of now.
export class Strips {
  #wanted = [];
  #asked = new Map(); // address -> AbortController
  #missing = new Set();

  constructor(arrived) {
    this.arrived = arrived;
  }

  // chunks: [{shas, size}], the most urgent first. It replaces what was wanted before.
  want(chunks) {
    this.#wanted = chunks
      .map(({ shas, size }) => ({
        size,
        shas: shas.filter((sha) => !kept.has(`${size}/${sha}`) && !this.#missing.has(`${size}/${sha}`)),
      }))
      .filter(({ shas }) => shas.length)
      .map((chunk) => ({ ...chunk, address: `/api/v1/strip?size=${chunk.size}&of=${chunk.shas.join()}` }));
    const still = new Set(this.#wanted.map(({ address }) => address));
    for (const [address, asked] of this.#asked) if (!still.has(address)) asked.abort();
    this.#next();
  }

  #next() {
    while (this.#asked.size < AT_ONCE) {
      const chunk = this.#wanted.find(({ address }) => !this.#asked.has(address));
      if (!chunk) return;
      this.#wanted.splice(this.#wanted.indexOf(chunk), 1);
      this.#ask(chunk);
    }
  }

  async #ask({ address, shas, size }) {
    const asked = new AbortController();
    this.#asked.set(address, asked);
    try {
      const answer = await fetch(address, { signal: asked.signal });
      if (!answer.ok) throw new Error(answer.statusText);
      cut(shas, size, await answer.arrayBuffer());
      for (const sha of shas) if (!kept.has(`${size}/${sha}`)) this.#missing.add(`${size}/${sha}`);
      this.#wanted = this.#wanted.filter((chunk) => chunk.address !== address);
      this.arrived(shas);
    } catch (error) {
      if (error.name !== "AbortError") console.warn("Pictures could not be fetched.", error);
    } finally {
      this.#asked.delete(address);
      this.#next();
    }
  }
}
