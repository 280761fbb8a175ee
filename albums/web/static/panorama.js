// Turns a panorama: for each pixel of the canvas, the direction in which it looks tells where in
// the picture (a part of a sphere, unrolled) its colour is.

const VERTICES = `
attribute vec2 corner;
varying vec2 at;
void main() { at = corner; gl_Position = vec4(corner, 0.0, 1.0); }`;

const PIXELS = `
precision highp float;
varying vec2 at;
uniform sampler2D picture;
uniform vec4 part;   // of the sphere: left, top, width, height
uniform vec2 look;   // heading and pitch, in radians
uniform vec2 reach;  // tangents of half of what is seen across and down
const float PI = 3.141592653589793;
void main() {
  vec3 ray = normalize(vec3(at * reach, 1.0));
  float s = sin(look.y), c = cos(look.y);
  ray = vec3(ray.x, ray.y * c + ray.z * s, ray.z * c - ray.y * s);
  float across = fract((atan(ray.x, ray.z) + look.x) / (2.0 * PI) + 0.5);
  float down = acos(clamp(ray.y, -1.0, 1.0)) / PI;
  vec2 place = vec2(fract(across - part.x + 1.0) / part.z, (down - part.y) / part.w);
  if (place.x > 1.0 || place.y < 0.0 || place.y > 1.0) gl_FragColor = vec4(0.07, 0.07, 0.07, 1.0);
  else gl_FragColor = texture2D(picture, place);
}`;

const LARGEST = 8192; // pixels of a texture: more would not fit into the memory of a phone
const [NARROWEST, WIDEST] = [20, 110]; // degrees seen at once, across
const STEP = 8; // degrees that an arrow key turns

const box = document.querySelector(".panorama");
const flat = box.querySelector("a, img");
const part = JSON.parse(box.dataset.panorama);
const canvas = document.createElement("canvas");
const gl = canvas.getContext("webgl", { alpha: false, antialias: false });
const now = { heading: part.heading, pitch: part.pitch, view: part.view };
let uniforms;
let asked = false;

function shader(kind, text) {
  const made = gl.createShader(kind);
  gl.shaderSource(made, text);
  gl.compileShader(made);
  return made;
}

function prepare() {
  const program = gl.createProgram();
  gl.attachShader(program, shader(gl.VERTEX_SHADER, VERTICES));
  gl.attachShader(program, shader(gl.FRAGMENT_SHADER, PIXELS));
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) return false;
  gl.useProgram(program);
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]), gl.STATIC_DRAW);
  const corner = gl.getAttribLocation(program, "corner");
  gl.enableVertexAttribArray(corner);
  gl.vertexAttribPointer(corner, 2, gl.FLOAT, false, 0, 0);
  uniforms = Object.fromEntries(
    ["part", "look", "reach"].map((name) => [name, gl.getUniformLocation(program, name)]),
  );
  gl.uniform4f(uniforms.part, part.left, part.top, part.width, part.height);
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  // Not repeated: the seam of a whole sphere is where both edges of the picture meet.
  for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T])
    gl.texParameteri(gl.TEXTURE_2D, side, gl.CLAMP_TO_EDGE);
  for (const size of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER])
    gl.texParameteri(gl.TEXTURE_2D, size, gl.LINEAR);
  return true;
}

async function show(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  const image = await createImageBitmap(await answer.blob());
  const most = Math.min(LARGEST, gl.getParameter(gl.MAX_TEXTURE_SIZE));
  const scale = Math.min(1, most / Math.max(image.width, image.height));
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const sized =
    scale < 1
      ? await createImageBitmap(image, { resizeWidth: width, resizeHeight: height, resizeQuality: "high" })
      : image;
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB, gl.RGB, gl.UNSIGNED_BYTE, sized);
  sized.close();
  draw();
  canvas.dataset.shown = address;
}

function draw() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    const dense = Math.min(2, devicePixelRatio || 1);
    const [width, height] = [canvas.clientWidth * dense, canvas.clientHeight * dense].map(Math.round);
    if (!width || !height) return;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    gl.viewport(0, 0, width, height);
    const across = Math.tan((now.view / 2) * (Math.PI / 180));
    gl.uniform2f(uniforms.look, now.heading * (Math.PI / 180), now.pitch * (Math.PI / 180));
    gl.uniform2f(uniforms.reach, across, (across * height) / width);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  });
}

function turn(heading, pitch) {
  now.heading = ((((now.heading + heading + 180) % 360) + 360) % 360) - 180;
  now.pitch = Math.min(90, Math.max(-90, now.pitch + pitch));
  draw();
}

function zoom(factor) {
  now.view = Math.min(WIDEST, Math.max(NARROWEST, now.view * factor));
  draw();
}

function back() {
  Object.assign(now, { heading: part.heading, pitch: part.pitch, view: part.view });
  draw();
}

// One finger or the mouse turns, two fingers zoom.
const held = new Map();

function spread() {
  const [a, b] = held.values();
  return Math.hypot(a.x - b.x, a.y - b.y);
}

canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  held.set(event.pointerId, { x: event.clientX, y: event.clientY });
});
canvas.addEventListener("pointermove", (event) => {
  const before = held.get(event.pointerId);
  if (!before) return;
  const wide = held.size === 2 ? spread() : 0;
  held.set(event.pointerId, { x: event.clientX, y: event.clientY });
  if (held.size === 2) {
    zoom(wide / Math.max(1, spread()));
  } else {
    const degrees = now.view / canvas.clientWidth;
    turn((before.x - event.clientX) * degrees, (event.clientY - before.y) * degrees);
  }
});
for (const kind of ["pointerup", "pointercancel"])
  canvas.addEventListener(kind, (event) => held.delete(event.pointerId));
canvas.addEventListener(
  "wheel",
  (event) => {
    event.preventDefault();
    zoom(Math.exp(event.deltaY / 800));
  },
  { passive: false },
);
canvas.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const act = {
    ArrowLeft: () => turn(-STEP, 0),
    ArrowRight: () => turn(STEP, 0),
    ArrowUp: () => turn(0, STEP),
    ArrowDown: () => turn(0, -STEP),
    "+": () => zoom(0.85),
    "=": () => zoom(0.85),
    "-": () => zoom(1 / 0.85),
    Home: back,
  }[event.key];
  if (!act) return;
  act();
  event.preventDefault();
});

function button(text, label, act) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", textContent: text });
  made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}

function flatten(isFlat) {
  canvas.hidden = isFlat;
  flat.hidden = !isFlat;
  for (const each of zooming) each.hidden = isFlat;
  other.textContent = isFlat ? "Look around" : "Flat";
  other.setAttribute("aria-label", isFlat ? "Look around in it" : "Show the flat picture");
  if (!isFlat) draw();
}

const other = button("Flat", "Show the flat picture", () => flatten(!canvas.hidden));
const zooming = [
  button("−", "Zoom out", () => zoom(1 / 0.85)),
  button("+", "Zoom in", () => zoom(0.85)),
];

async function start() {
  await show(box.dataset.picture);
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", "Panorama. Drag or use the arrow keys to look around, plus and minus to zoom.");
  const bar = document.createElement("div");
  bar.className = "turning";
  bar.append(...zooming, other);
  box.prepend(canvas);
  box.append(bar);
  flatten(false);
  new ResizeObserver(draw).observe(canvas);
  if (box.dataset.original) await show(box.dataset.original);
}

canvas.addEventListener("webglcontextlost", () => flatten(true));
if (gl && prepare()) start().catch((error) => console.warn("The panorama stays as it is:", error));
