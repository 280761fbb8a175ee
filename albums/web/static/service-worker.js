// Keeps the files of /static for when the box cannot be reached, and a page that says so. Never a
// photo, never a page of the library: they stay on the box.
const CACHE = "static-1";
const OFFLINE = "/static/offline.html";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([OFFLINE, "/static/icon.svg"])));
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  const old = async () => (await caches.keys()).filter((name) => name !== CACHE);
  event.waitUntil(old().then((names) => Promise.all(names.map((name) => caches.delete(name)))));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
  else if (new URL(request.url).pathname.startsWith("/static/")) event.respondWith(kept(request));
});

// The box's answer where it answers: what is kept may be older than the pages that want it.
async function kept(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok && answer.status === 200) (await caches.open(CACHE)).put(request, answer.clone());
    return answer;
  } catch (error) {
    const known = await caches.match(request);
    if (known) return known;
    throw error;
  }
}
