// The pad on which somebody signs: strokes as they are drawn, on a square of 1000 by 1000 whatever the size of the screen.
// Names of its own: other scripts of the desk run in the same window.
(() => {
"use strict";

const SIDE = 1000;
let strokes = [];
let drawing = null;

function at(canvas, event) {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const within = (value) => Math.min(SIDE, Math.max(0, Math.round(value * SIDE)));
  return [within((event.clientX - left) / width), within((event.clientY - top) / height)];
}

function put(canvas) {
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.lineWidth = 6;
  pen.lineCap = "round";
  pen.lineJoin = "round";
  pen.strokeStyle = "#12305f";
  for (const stroke of strokes) {
    pen.beginPath();
    stroke.forEach(([x, y], n) => pen[n ? "lineTo" : "moveTo"]((x * canvas.width) / SIDE, (y * canvas.height) / SIDE));
    pen.stroke();
  }
  canvas.form ??= canvas.closest("form");
  canvas.form.elements.drawn.value = strokes.map((stroke) => stroke.map((point) => point.join(",")).join(" ")).join(";");
}

document.addEventListener("pointerdown", (event) => {
  if (!event.target.matches("[data-pad]")) { return; }
  event.preventDefault();
  drawing = event.target;
  // Another page, another signature.
  if (!drawing.closest("form").elements.drawn.value) { strokes = []; }
  strokes.push([at(drawing, event)]);
  put(drawing);
});

document.addEventListener("pointermove", (event) => {
  if (!drawing) { return; }
  strokes[strokes.length - 1].push(at(drawing, event));
  put(drawing);
});

for (const end of ["pointerup", "pointercancel"]) { document.addEventListener(end, () => { drawing = null; }); }

document.addEventListener("click", (event) => {
  const clear = event.target.closest("[data-pad-clear]");
  if (!clear) { return; }
  strokes = [];
  put(clear.closest("form").querySelector("[data-pad]"));
});

// The phone has signed: the desk goes on by itself.
document.addEventListener("htmx:afterSwap", (event) => {
  const arrived = event.target.querySelector("a[data-arrived]");
  if (arrived) { window.location.assign(arrived.href); }
});
})();
