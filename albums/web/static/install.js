// A service worker only where the box is reached over HTTPS.
if ("serviceWorker" in navigator && location.protocol === "https:") navigator.serviceWorker.register("/service-worker.js");
