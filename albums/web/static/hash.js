// The SHA-256 of files, in a worker and piece by piece: crypto.subtle wants a whole file in memory,
// and is missing where the box is reached over plain HTTP.
const SMALL = 32 << 20; // bytes
const primes = [];
for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
const fraction = (x) => ((x % 1) * 2 ** 32) | 0;
const K = Int32Array.from(primes, (p) => fraction(Math.cbrt(p)));
const W = new Int32Array(64);

// FIPS 180-4, section 6.2.2: `bytes` is a whole number of blocks of 64.
function blocks(H, bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; at += 64) {
    for (let t = 0; t < 16; t++) W[t] = view.getInt32(at + 4 * t);
    for (let t = 16; t < 64; t++) {
      const x = W[t - 15], y = W[t - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      W[t] = (W[t - 16] + s0 + W[t - 7] + s1) | 0;
    }
    let [a, b, c, d, e, f, g, h] = H;
    for (let t = 0; t < 64; t++) {
      const S1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const one = (h + S1 + ((e & f) ^ (~e & g)) + K[t] + W[t]) | 0;
      const S0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const two = (S0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
    }
    H[0] += a; H[1] += b; H[2] += c; H[3] += d; H[4] += e; H[5] += f; H[6] += g; H[7] += h;
  }
}

async function streamed(file) {
  const H = Int32Array.from(primes.slice(0, 8), (p) => fraction(Math.sqrt(p)));
  const reader = file.stream().getReader();
  let rest = new Uint8Array(0);
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    if (rest.length) {
      const joined = new Uint8Array(rest.length + value.length);
      joined.set(rest);
      joined.set(value, rest.length);
      value = joined;
    }
    const whole = value.length & ~63;
    blocks(H, value.subarray(0, whole));
    rest = value.slice(whole);
  }
  const end = new Uint8Array(rest.length < 56 ? 64 : 128);
  end.set(rest);
  end[rest.length] = 0x80;
  new DataView(end.buffer).setBigUint64(end.length - 8, BigInt(file.size) * 8n);
  blocks(H, end);
  const out = new DataView(new ArrayBuffer(32));
  H.forEach((word, n) => out.setInt32(4 * n, word));
  return new Uint8Array(out.buffer);
}

onmessage = async ({ data: file }) => {
  try {
    const native = self.crypto?.subtle && file.size <= SMALL;
    const hash = native ? new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer())) : await streamed(file);
    postMessage({ sha: Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("") });
  } catch (error) {
    postMessage({ error: `It cannot be read: ${error.message}` });
  }
};
