// The map that moves, in place of the drawn one: land from /static/lib, clusters from the box. A
// browser without WebGL keeps the drawing and its links.
const box = document.querySelector(".map");
const panel = document.querySelector(".map-photos");
const q = box?.dataset.q;
const NEAREST = 17;
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

function addThemeButton() {
  const button = Object.assign(document.createElement("button"), { className: "map-theme", textContent: "◐" });
  button.setAttribute("aria-label", "Light map");
  const set = (light) => {
    box.classList.toggle("light", light);
    button.setAttribute("aria-pressed", light);
    box.dispatchEvent(new Event("theme"));
  };
  set(localStorage.getItem("map") === "light");
  button.onclick = () => {
    const light = !box.classList.contains("light");
    localStorage.setItem("map", light ? "light" : "dark");
    set(light);
  };
  box.append(button);
}

// What a variable of map.css comes to in the theme of now.
function colour(name) {
  const probe = box.appendChild(document.createElement("i"));
  probe.style.color = `var(--${name})`;
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

async function world(detail) {
  const data = await (await fetch(`/static/lib/countries-${detail}m.json`)).json();
  const { countries } = data.objects;
  const land = topojson.feature(data, countries);
  for (const { geometry } of land.features) {
    for (const ring of geometry.type === "Polygon" ? geometry.coordinates : geometry.coordinates.flat()) goOn(ring);
  }
  return [land, topojson.mesh(data, countries, (a, b) => a !== b)];
}

// What crosses the antimeridian goes on beyond 180 degrees; Antarctica is closed along the pole.
function goOn(ring) {
  for (let n = 1; n < ring.length; n++) {
    const turns = Math.round((ring[n][0] - ring[n - 1][0]) / 360);
    if (turns) ring[n] = [ring[n][0] - 360 * turns, ring[n][1]];
  }
  const [first, last] = [ring[0], ring.at(-1)];
  if (Math.abs(first[0] - last[0]) > 180) ring.push([last[0], -90], [first[0], -90], first);
}

async function begin() {
  const [gl, shapes] = await Promise.all([import("/static/lib/maplibre-gl.js"), world(50)]);
  gl.setWorkerUrl("/static/lib/maplibre-gl-worker.mjs");
  const streets = JSON.parse(box.dataset.streets);
  const more = streets.length ? await (await import("/static/streets.js")).streets(gl, streets) : null;
  const source = (data) => ({ type: "geojson", data });
  const nothing = { type: "FeatureCollection", features: [] };
  const style = () => ({
    version: 8,
    sources: { land: source(shapes[0]), borders: source(shapes[1]), cities: source(nothing), ...more?.sources },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": colour("sea") } },
      { id: "land", type: "fill", source: "land", paint: { "fill-color": colour("land") } },
      ...(more?.layers(colour) ?? []),
      { id: "borders", type: "line", source: "borders", paint: { "line-color": colour("border") } },
      {
        id: "cities", type: "symbol", source: "cities",
        layout: { "text-field": ["get", "name"], "text-size": 12, "text-font": ["sans-serif"], "text-padding": 8 },
        paint: { "text-color": colour("name"), "text-halo-color": colour("halo"), "text-halo-width": 1.2 },
      },
    ],
  });
  const holder = document.createElement("div");
  box.prepend(holder);
  const map = new gl.Map({ container: holder, style: style(), attributionControl: false, dragRotate: false, minZoom: -1, maxZoom: NEAREST + 2, ...start(holder) });
  map.touchZoomRotate.disableRotation();
  map.addControl(new gl.NavigationControl({ showCompass: false }), "bottom-left");
  const shown = new Map();
  const move = later(() => refresh(gl, map, shown), 150);
  map.once("load", () => {
    box.querySelector("svg.world").remove();
    move();
  });
  map.on("moveend", move);
  const fine = finer(map, shapes);
  map.on("load", fine);
  map.on("zoomend", fine);
  box.addEventListener("theme", () => map.setStyle(style()).once("styledata", move));
  addEventListener("hashchange", () => spot() && map.jumpTo(spot()));
}

// Where the address says (#latitude,longitude,zoom), or around all photos.
function spot() {
  const [lat, lng, zoom] = location.hash.slice(1).split(",").map(Number);
  return Number.isFinite(zoom) && { center: [lng, lat], zoom };
}

const lngLats = ([south, west, north, east]) => [[west, south], [east + (west > east ? 360 : 0), north]];
const room = (holder) => {
  const beside = holder.clientWidth > 800;
  return { top: 70, left: 50, right: beside ? 380 : 50, bottom: beside ? 50 : 190 };
};

function start(holder) {
  return spot() || { bounds: lngLats(box.dataset.area.split(",").map(Number)), fitBoundsOptions: { padding: room(holder), maxZoom: 12 } };
}

// Coasts in detail are 3.6 MB: only for who goes near.
const finer = (map, shapes) => {
  let asked = false;
  return async () => {
    if (asked || map.getZoom() < 7) return;
    asked = true;
    shapes.splice(0, 2, ...(await world(10)));
    map.getSource("land").setData(shapes[0]);
    map.getSource("borders").setData(shapes[1]);
  };
};

async function refresh(gl, map, shown) {
  const at = map.getCenter().wrap();
  const zoom = map.getZoom();
  history.replaceState(history.state, "", `#${at.lat.toFixed(5)},${at.lng.toFixed(5)},${zoom.toFixed(2)}`);
  const area = around(map);
  const asked = `?${new URLSearchParams({ query: q, zoom, ...area })}`;
  const within = [area.south, area.west, area.north, area.east].join(",");
  fetch(`/api/v1/map/cities${asked}`).then(async (answer) => name(map, (await answer.json()).cities));
  fetch(`/map/photos?${new URLSearchParams({ q, within })}`).then(async (answer) => {
    if (answer.ok) panel.innerHTML = await answer.text();
  });
  const answer = await fetch(`/api/v1/map${asked}`);
  if (answer.ok) place(gl, map, shown, (await answer.json()).clusters);
}

function name(map, cities) {
  const features = cities.map(({ name, longitude, latitude }) => ({
    type: "Feature", properties: { name }, geometry: { type: "Point", coordinates: [longitude, latitude] },
  }));
  map.getSource("cities")?.setData({ type: "FeatureCollection", features });
}

function place(gl, map, shown, clusters) {
  const wanted = new Map(clusters.map((cluster) => [`${cluster.cover}${cluster.count}`, cluster]));
  for (const [key, marker] of shown) {
    if (wanted.has(key)) continue;
    marker.remove();
    shown.delete(key);
  }
  for (const [key, cluster] of wanted) {
    const lngLat = [cluster.longitude, cluster.latitude];
    if (shown.has(key)) shown.get(key).setLngLat(lngLat);
    else shown.set(key, new gl.Marker({ element: mark(map, cluster) }).setLngLat(lngLat).addTo(map));
  }
}

// What is on the screen, less what lies under the panel.
function around(map) {
  const bounds = map.getBounds();
  const wrap = (degrees) => ((((degrees + 180) % 360) + 360) % 360) - 180;
  const whole = bounds.getEast() - bounds.getWest() >= 360;
  return {
    south: Math.max(bounds.getSouth(), -90).toFixed(5), north: Math.min(bounds.getNorth(), 90).toFixed(5),
    west: whole ? -180 : wrap(bounds.getWest()).toFixed(5), east: whole ? 180 : wrap(bounds.getEast()).toFixed(5),
  };
}

function mark(map, { count, cover, picture, area }) {
  const link = Object.assign(document.createElement("a"), { className: "spot" });
  const within = `within:"${area.south},${area.west},${area.north},${area.east}"`;
  link.href = count > 1 ? `/search/?${new URLSearchParams({ q: `${q} ${within}`.trim() })}` : `/assets/${cover}?${new URLSearchParams({ q })}`;
  link.setAttribute("aria-label", count > 1 ? `${count.toLocaleString("en")} photos` : "1 photo");
  link.style.setProperty("--size", `${Math.min(38 + 9 * Math.log10(count), 76)}px`);
  const face = document.createElement(picture ? "img" : "i");
  if (picture) Object.assign(face, { src: `/api/v1/assets/${cover}/pictures/300`, alt: "" });
  link.append(face);
  if (count > 1) link.append(Object.assign(document.createElement("span"), { textContent: short.format(count) }));
  link.addEventListener("click", (event) => {
    event.stopPropagation();
    if (count === 1 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const bounds = lngLats([area.south, area.west, area.north, area.east]);
    const camera = map.cameraForBounds(bounds, { padding: room(map.getContainer()), maxZoom: NEAREST });
    if (camera.zoom < map.getZoom() + 0.3) return; // it does not come apart: the list
    event.preventDefault();
    map.easeTo(camera);
  });
  return link;
}

function later(act, wait) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, wait);
  };
}

if (box) {
  addThemeButton();
  if (document.createElement("canvas").getContext("webgl2")) begin();
}
