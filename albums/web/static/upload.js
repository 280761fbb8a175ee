// Sends files to the box in pieces (tus), three at once. Each is hashed first, so that what is here
// already is not sent, and what arrives is checked against it. A file that was cut off, by a lost
// network or a closed page, goes on where it stopped when it is chosen again.
const $ = (selector) => document.querySelector(selector);
const form = $(".drop");
const AT_ONCE = 3;
const ASKED_AT_ONCE = 64;
const SHOWN = 12;
const WHOLE = 4 << 20; // bytes; what is smaller is sent with the first request
const LEFT = "uploads-left";
const JUNK = /^(\.|Thumbs\.db$|desktop\.ini$)/i;
const DONE = new Set(["new", "here", "deleted", "error"]);
const SAID = { waiting: "waiting", hashing: "reading", hashed: "waiting", new: "kept", here: "is here already", deleted: "you deleted it before" };

const items = [];
const seen = new Set();
const worker = new Worker("/static/hash.js", { type: "module" });
let paused = false;
let hashing = false;
let asking = false;
let proven = 0; // how many were done when the receipt was asked for
const pace = []; // [time, bytes sent]

form.classList.add("moving");
for (const hidden of form.querySelectorAll("[hidden]")) hidden.hidden = false;
if (!("webkitdirectory" in HTMLInputElement.prototype)) form.querySelector("[webkitdirectory]").parentNode.remove();
showLeft();

// --- what is chosen

for (const input of form.querySelectorAll("[type=file]")) {
  input.addEventListener("change", () => {
    add([...input.files].map((file) => [file, file.webkitRelativePath]));
    input.value = "";
  });
}
form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("dragover", (event) => {
  event.preventDefault();
  form.classList.add("over");
});
for (const end of ["dragleave", "drop"]) addEventListener(end, () => form.classList.remove("over"));
addEventListener("drop", async (event) => {
  event.preventDefault();
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return add([...event.dataTransfer.files].map((file) => [file, ""]));
  for (const entry of entries) await walk(entry);
});

async function walk(entry) {
  if (JUNK.test(entry.name)) return;
  if (entry.isFile) {
    const file = await new Promise((yes, no) => entry.file(yes, no)).catch(() => null);
    return file && add([[file, entry.fullPath.slice(1)]]);
  }
  const reader = entry.createReader();
  for (;;) { // a hundred at a time
    const some = await new Promise((yes, no) => reader.readEntries(yes, no)).catch(() => []);
    if (!some.length) return;
    for (const inside of some) await walk(inside);
  }
}

function add(files) {
  for (const [file, path] of files) {
    const key = `${path || file.name}/${file.size}/${file.lastModified}`;
    if (JUNK.test(file.name) || seen.has(key)) continue;
    seen.add(key);
    items.push({ file, path, collection: form.elements.collection.value.trim(), state: "waiting", sent: 0 });
  }
  work();
}

// --- the way of each file: waiting, hashing, hashed, ready, sending, and how it ended

function work() {
  hashNext();
  ask();
  const sending = items.filter((item) => item.state === "sending").length;
  for (const item of paused ? [] : items.filter((one) => one.state === "ready").slice(0, Math.max(0, AT_ONCE - sending))) send(item);
  show();
  if (items.every((item) => DONE.has(item.state)) && proven < items.length) prove();
}

function hashNext() {
  const item = !hashing && !paused && items.find((one) => one.state === "waiting");
  if (!item || items.filter((one) => one.state === "ready").length > 500) return;
  hashing = true;
  item.state = "hashing";
  worker.onmessage = ({ data }) => {
    hashing = false;
    if (data.error) fail(item, data.error);
    else Object.assign(item, { sha: data.sha, state: "hashed" });
    work();
  };
  worker.postMessage(item.file);
}

async function ask() {
  const hashed = items.filter((item) => item.state === "hashed");
  if (asking || !hashed.length || (hashing && hashed.length < ASKED_AT_ONCE && items.some((item) => item.state === "sending"))) return;
  asking = true;
  try {
    const { answers, deleted_at } = await tell("/api/v1/have", { hashes: hashed.map((item) => item.sha) });
    for (const item of hashed) {
      const answer = answers[item.sha];
      item.state = item.again || answer === "unknown" ? "ready" : answer === "kept" ? "here" : "deleted";
      item.when = deleted_at[item.sha];
    }
    const twice = new Set();
    for (const item of items) {
      if (item.state === "ready" && twice.has(item.sha)) item.state = "here";
      if (item.state === "ready" || item.state === "sending") twice.add(item.sha);
    }
  } catch (error) {
    for (const item of hashed) fail(item, error.message);
  }
  asking = false;
  work();
}

async function tell(path, body) {
  const answer = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error.what);
  return said;
}

async function send(item) {
  const { file, path, sha, collection, again } = item;
  item.state = "sending";
  const metadata = { filename: file.name, lastModified: String(file.lastModified), sha256: sha };
  if (path) metadata.relativePath = path;
  if (collection) metadata.collections = JSON.stringify([collection]);
  if (again) metadata.again = "true";
  item.upload = new tus.Upload(file, {
    endpoint: "/uploads", metadata, retryDelays: [500, 1000, 3000, 5000, 10000, 20000],
    uploadDataDuringCreation: file.size <= WHOLE, removeFingerprintOnSuccess: true,
    fingerprint: async () => `albums-${sha}`,
    onAfterResponse: (_, response) => (item.status = response.getHeader("Albums-Status") ?? item.status),
    onProgress: (sent) => {
      item.sent = sent;
      show();
    },
    onSuccess: () => {
      item.state = { duplicate: "here", deleted: "deleted" }[item.status] ?? "new";
      item.sent = file.size;
      work();
    },
    onError: (error) => {
      fail(item, reason(error));
      work();
    },
  });
  const [before] = await item.upload.findPreviousUploads();
  if (before) item.upload.resumeFromPreviousUpload(before);
  item.upload.start();
}

function reason(error) {
  try {
    return JSON.parse(error.originalResponse.getBody()).error.what;
  } catch {
    return "The box could not be reached";
  }
}

function fail(item, error) {
  Object.assign(item, { state: "error", error });
}

function again(chosen) {
  for (const item of chosen) Object.assign(item, { state: item.sha ? "hashed" : "waiting", sent: 0, error: "" });
  proven = 0;
  work();
}

// Files are read back from the disk: what is said of them then is a proof.
async function prove() {
  proven = items.length;
  const kept = items.filter((item) => item.state === "new" || item.state === "here");
  const refused = [];
  const box = $(".receipt");
  try {
    for (let n = 0; n < kept.length; n += 200) {
      box.textContent = `Reading them back from the disk: ${n.toLocaleString("en")} of ${kept.length.toLocaleString("en")}`;
      const answer = await tell("/api/v1/receipts", { hashes: kept.slice(n, n + 200).map((item) => item.sha) });
      refused.push(...Object.values(answer.refused).map((error) => error.what));
    }
    const all = kept.length === items.length ? "All" : `${kept.length.toLocaleString("en")} of`;
    box.textContent = refused.length
      ? `${refused.length} of ${kept.length} are not proven: ${refused[0]}. Keep your copies.`
      : `${all} ${items.length.toLocaleString("en")} are kept: each was read back from the disk, and is whole. `;
    if (!refused.length) box.append(Object.assign(document.createElement("a"), { href: "/receipts", textContent: "Receipts" }));
    box.classList.toggle("bad", refused.length > 0);
  } catch (error) {
    box.textContent = `They are kept, but not proven: ${error.message}`;
  }
}

// --- what is shown

$(".pause").onclick = ({ target }) => {
  paused = !paused;
  target.textContent = paused ? "Go on" : "Pause";
  for (const { upload } of items.filter((item) => item.state === "sending")) paused ? upload.abort() : upload.start();
  pace.length = 0;
  work();
};
$(".retry").onclick = () => again(items.filter((item) => item.state === "error"));
addEventListener("beforeunload", (event) => items.some((item) => !DONE.has(item.state)) && event.preventDefault());

let asked = 0;
function show() {
  asked ||= setTimeout(() => {
    asked = 0;
    draw();
  }, 120);
}

function draw() {
  if (!items.length) return;
  const count = (state) => items.filter((item) => item.state === state).length;
  const over = items.filter((item) => DONE.has(item.state));
  const going = over.length < items.length;
  const toSend = items.filter((item) => !["here", "deleted", "error"].includes(item.state));
  const bytes = toSend.reduce((sum, item) => sum + item.file.size, 0);
  const sent = toSend.reduce((sum, item) => sum + Math.min(item.sent, item.file.size), 0);
  $(".sending").hidden = false;
  const parts = [[count("new"), "new"], [count("here"), "here already"], [count("deleted"), "deleted before"], [count("error"), "failed"]];
  $(".state").textContent = `${over.length.toLocaleString("en")} of ${items.length.toLocaleString("en")} files`;
  $(".pace").textContent = [...parts.filter(([n]) => n).map(([n, what]) => `${n.toLocaleString("en")} ${what}`), ...(going ? [rate(bytes, sent)] : [])].join(" · ");
  $(".whole progress").value = bytes ? sent / bytes : over.length / items.length;
  $(".pause").hidden = !going;
  $(".retry").hidden = !count("error");
  if (going) $(".receipt").textContent = "";
  list();
  remember();
}

function rate(bytes, sent) {
  const now = performance.now();
  pace.push([now, sent]);
  while (pace.length > 2 && now - pace[0][0] > 8000) pace.shift();
  const speed = (sent - pace[0][1]) / ((now - pace[0][0]) / 1000 || 1);
  if (paused) return "paused";
  if (!(speed > 0)) return size(bytes);
  const left = (bytes - sent) / speed;
  const time = left < 90 ? `${Math.ceil(left)} s` : left < 5400 ? `${Math.round(left / 60)} min` : `${(left / 3600).toFixed(1)} h`;
  return `${size(sent)} of ${size(bytes)} · ${size(speed)}/s · ${time} left`;
}

function size(bytes) {
  const power = Math.min(4, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  return `${(bytes / 1000 ** power).toFixed(power ? 1 : 0)} ${["bytes", "kB", "MB", "GB", "TB"][power]}`;
}

// What needs a look first, then what moves, then what ended last; never thousands of lines.
function list() {
  const order = { error: 0, deleted: 1, sending: 2, hashing: 3 };
  const sorted = [...items].reverse().sort((a, b) => (order[a.state] ?? (a.state === "here" ? 4 : a.state === "new" ? 5 : 6)) - (order[b.state] ?? (b.state === "here" ? 4 : b.state === "new" ? 5 : 6)));
  const most = $(".more").dataset.all ? 500 : SHOWN;
  $(".files").replaceChildren(...sorted.slice(0, most).map(line));
  $(".more").textContent = sorted.length > most ? `and ${(sorted.length - most).toLocaleString("en")} more ` : "";
  if (sorted.length > most && most === SHOWN) $(".more").append(button("Show", () => { $(".more").dataset.all = 1; draw(); }));
}

function button(words, act) {
  return Object.assign(document.createElement("button"), { type: "button", textContent: words, onclick: act });
}

function line(item) {
  const row = Object.assign(document.createElement("li"), { className: item.state });
  const known = item.state === "here" || item.state === "new";
  const name = Object.assign(document.createElement(known ? "a" : "span"), { className: "name", textContent: item.path || item.file.name });
  if (known) name.href = `/assets/${item.sha}`;
  const said = Object.assign(document.createElement("span"), { className: "said", textContent: item.error || SAID[item.state] || size(item.file.size) });
  row.append(name, said);
  if (item.state === "error") row.append(button("Try again", () => again([item])));
  if (item.state === "deleted") said.append(" ", button("Bring it back", () => again([Object.assign(item, { again: true })])));
  if (item.state === "sending") row.append(Object.assign(document.createElement("progress"), { value: item.sent / (item.file.size || 1), ariaLabel: item.file.name }));
  return row;
}

// --- after the page was closed

function remember() {
  const left = items.filter((item) => !DONE.has(item.state) || item.state === "error");
  if (!left.length) return localStorage.removeItem(LEFT);
  localStorage.setItem(LEFT, JSON.stringify({ count: left.length, names: left.slice(0, 5).map((item) => item.path || item.file.name) }));
}

function showLeft() {
  const left = JSON.parse(localStorage.getItem(LEFT) ?? "null");
  if (!left) return;
  const box = $(".left");
  const more = left.count > left.names.length ? ` and ${left.count - left.names.length} more` : "";
  const words = document.createElement("p");
  words.textContent = `${left.count} file${left.count === 1 ? " was" : "s were"} not finished when this page was closed: ${left.names.join(", ")}${more}. Choose the same files or folders again: they go on where they stopped.`;
  box.append(words, button("Forget them", () => {
    localStorage.removeItem(LEFT);
    box.hidden = true;
  }));
  box.hidden = false;
}
