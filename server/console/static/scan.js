// Papers from a document camera or a folder: cut, turned and put in order here, and sent as one file.
// Names of its own: the pages of the desk follow each other in one window, and each visit runs this anew.
(() => {
"use strict";

const scan = document.getElementById("scan");
const find = (id) => document.getElementById(`scan-${id}`);
const LONGEST = 2200;
const QUALITIES = [0.85, 0.7, 0.5];
const pages = [];
let at = 0;
let frame = null;

const warn = (words) => { document.getElementById("alert").textContent = words; };

function canvasOf(width, height, draw) {
  const made = document.createElement("canvas");
  [made.width, made.height] = [Math.max(1, Math.round(width)), Math.max(1, Math.round(height))];
  draw(made.getContext("2d"), made);
  return made;
}

// No larger than a page needs to be read; a picture with see-through parts stands on white.
function taken(picture, width, height) {
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  return canvasOf(width * scale, height * scale, (pen, made) => {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, made.width, made.height);
    pen.drawImage(picture, 0, 0, made.width, made.height);
  });
}

function add(canvas) {
  pages.push({ canvas, before: null });
  at = pages.length - 1;
  show();
}

function change(canvas) {
  pages[at].before = pages[at].canvas;
  pages[at].canvas = canvas;
  show();
}

function turned(canvas, quarter) {
  return canvasOf(canvas.height, canvas.width, (pen, made) => {
    pen.translate(made.width / 2, made.height / 2);
    pen.rotate(quarter * Math.PI / 2);
    pen.drawImage(canvas, -canvas.width / 2, -canvas.height / 2);
  });
}

// What is cut off, in hundredths of the page: typed, or drawn with the pointer.
const edges = () => Object.fromEntries([...scan.querySelectorAll("[data-edge]")].map((one) => [one.dataset.edge, Math.min(90, Math.max(0, Number(one.value) || 0))]));
function setEdges(to) { scan.querySelectorAll("[data-edge]").forEach((one) => { one.value = Math.round(to[one.dataset.edge] || 0); }); }

function kept(canvas) {
  const cut = edges();
  const x = canvas.width * cut.left / 100;
  const y = canvas.height * cut.top / 100;
  return { x, y, width: canvas.width - x - canvas.width * cut.right / 100, height: canvas.height - y - canvas.height * cut.bottom / 100 };
}

function cutOut(canvas) {
  const { x, y, width, height } = kept(canvas);
  if (width < 20 || height < 20) { return canvas; }
  return canvasOf(width, height, (pen) => pen.drawImage(canvas, -x, -y));
}

// The size the guide asks of a picture for the line: no larger, and just so large where it says so. A picture that is
// too small is not blown up: what is not in it cannot be seen.
function fitted(canvas) {
  const line = find("line").selectedOptions[0];
  const [leastWidth, leastHeight, mostWidth, mostHeight] = [line.dataset.least, line.dataset.largest].flatMap((one) => (one || "0×0").split("×").map(Number));
  if (!mostWidth || canvas.width < leastWidth || canvas.height < leastHeight) { return canvas; }
  const exact = line.dataset.least === line.dataset.largest;
  const ratios = [mostWidth / canvas.width, mostHeight / canvas.height];
  const scale = exact ? Math.max(...ratios) : Math.min(1, ...ratios);
  const [width, height] = [canvas.width * scale, canvas.height * scale];
  // What stands over at its edges is cut off on both sides.
  const [wide, high] = exact ? [mostWidth, mostHeight] : [Math.floor(width), Math.floor(height)];
  return canvasOf(wide, high, (pen) => pen.drawImage(canvas, (wide - width) / 2, (high - height) / 2, width, height));
}

function sayTheSize() {
  const said = find("line").selectedOptions[0].dataset.size || "";
  find("size").hidden = !said;
  find("size").textContent = said;
}

function show() {
  find("work").hidden = find("empty").hidden = pages.length === 0;
  find("empty").hidden = pages.length > 0;
  find("pages").replaceChildren(...pages.map((page, place) => {
    const line = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = scan.dataset.page.replace("{n}", place + 1);
    button.setAttribute("aria-pressed", String(place === at));
    button.addEventListener("click", () => { at = place; setEdges({}); show(); });
    line.append(button);
    return line;
  }));
  if (pages.length) { draw(); }
}

function draw() {
  const { canvas } = pages[at];
  const shown = find("canvas");
  [shown.width, shown.height] = [canvas.width, canvas.height];
  const pen = shown.getContext("2d");
  pen.drawImage(canvas, 0, 0);
  const { x, y, width, height } = kept(canvas);
  pen.fillStyle = "rgba(13, 42, 87, .55)";
  pen.beginPath();
  pen.rect(0, 0, canvas.width, canvas.height);
  pen.rect(x, y, width, height);
  pen.fill("evenodd");
}

const DEEDS = {
  left: () => change(turned(pages[at].canvas, -1)),
  right: () => change(turned(pages[at].canvas, 1)),
  cut: () => { change(cutOut(pages[at].canvas)); setEdges({}); draw(); },
  undo: () => { if (pages[at].before) { pages[at].canvas = pages[at].before; pages[at].before = null; show(); } },
  earlier: () => move(-1),
  later: () => move(1),
  drop: () => { pages.splice(at, 1); at = Math.max(0, Math.min(at, pages.length - 1)); show(); },
};

function move(by) {
  const to = at + by;
  if (to < 0 || to >= pages.length) { return; }
  [pages[at], pages[to]] = [pages[to], pages[at]];
  at = to;
  show();
}

// A PDF of pictures: a page each, as wide as A4.
async function pdfOf(pictures) {
  const parts = [];
  const starts = [];
  let length = 0;
  const put = (piece) => { const bytes = typeof piece === "string" ? new TextEncoder().encode(piece) : piece; parts.push(bytes); length += bytes.length; };
  const object = (number, dictionary, stream) => {
    starts[number] = length;
    put(`${number} 0 obj\n${dictionary}\n`);
    if (stream) { put("stream\n"); put(stream); put("\nendstream\n"); }
    put("endobj\n");
  };
  const width = 595;
  put("%PDF-1.4\n");
  object(1, "<< /Type /Catalog /Pages 2 0 R >>");
  object(2, `<< /Type /Pages /Count ${pictures.length} /Kids [${pictures.map((_, n) => `${3 + n * 3} 0 R`).join(" ")}] >>`);
  for (const [n, picture] of pictures.entries()) {
    const height = Math.round(width * picture.height / picture.width);
    const drawing = new TextEncoder().encode(`q ${width} 0 0 ${height} 0 0 cm /P Do Q`);
    object(3 + n * 3, `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${width} ${height}] /Resources << /XObject << /P ${5 + n * 3} 0 R >> >> /Contents ${4 + n * 3} 0 R >>`);
    object(4 + n * 3, `<< /Length ${drawing.length} >>`, drawing);
    object(5 + n * 3, `<< /Type /XObject /Subtype /Image /Width ${picture.width} /Height ${picture.height} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode /Length ${picture.bytes.length} >>`, picture.bytes);
  }
  const table = length;
  const count = 3 + pictures.length * 3;
  put(`xref\n0 ${count}\n0000000000 65535 f \n${starts.slice(1).map((start) => `${String(start).padStart(10, "0")} 00000 n \n`).join("")}`);
  put(`trailer\n<< /Size ${count} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`);
  return new Blob(parts, { type: "application/pdf" });
}

async function file() {
  for (const quality of QUALITIES) {
    const pictures = await Promise.all(pages.map(async (page) => {
      const canvas = fitted(page.canvas);
      const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", quality); });
      return { width: canvas.width, height: canvas.height, blob, bytes: new Uint8Array(await blob.arrayBuffer()) };
    }));
    const made = pictures.length === 1 ? pictures[0].blob : await pdfOf(pictures);
    if (made.size <= Number(scan.dataset.most)) { return made; }
  }
  return null;
}

async function send(blob, name) {
  const body = new FormData();
  body.append("file", blob, name);
  const token = document.querySelector("[name=csrf]").value;
  const answer = await fetch(scan.dataset.path + find("line").value, { method: "POST", body, headers: { "x-csrf-token": token, "hx-request": "true" } });
  if (answer.ok) { return true; }
  document.getElementById("alert").innerHTML = await answer.text();
  window.scrollTo({ top: 0, behavior: "smooth" });
  return false;
}

// One file at a time: a second press waits for nothing and sends nothing.
let sending = false;
async function once(deed) {
  if (sending) { return; }
  sending = true;
  find("keep").disabled = true;
  try {
    if (await deed()) { window.location.assign(`${window.location.pathname}?line=${find("line").value}`); }
  } catch { warn(document.body.dataset.offline); } finally {
    sending = false;
    find("keep").disabled = false;
  }
}

async function take(files) {
  const papers = [...files].filter((one) => one.type === "application/pdf");
  for (const picture of [...files].filter((one) => one.type !== "application/pdf")) {
    try {
      const bitmap = await createImageBitmap(picture);
      add(taken(bitmap, bitmap.width, bitmap.height));
      bitmap.close();
    } catch { warn(scan.dataset.unreadable.replace("{name}", picture.name)); }
  }
  // A PDF is whole already.
  if (papers.length) {
    await once(async () => {
      for (const paper of papers) { if (!await send(paper, paper.name)) { return false; } }
      return pages.length === 0;
    });
  }
}

async function openCamera(deviceId) {
  const video = find("video");
  if (video.srcObject) { video.srcObject.getTracks().forEach((track) => track.stop()); }
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { deviceId: deviceId ? { exact: deviceId } : undefined, width: { ideal: 2592 }, height: { ideal: 1944 } } });
  } catch { warn(scan.dataset.noCamera); return; }
  await video.play();
  video.hidden = find("shoot").hidden = false;
  find("shoot").focus();
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === "videoinput");
  const choice = find("cameras").querySelector("select");
  find("cameras").hidden = cameras.length < 2;
  const current = video.srcObject.getVideoTracks()[0].getSettings().deviceId;
  choice.replaceChildren(...cameras.map((one) => new Option(one.label || one.deviceId, one.deviceId, false, one.deviceId === current)));
}

function follow(canvas) {
  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    return { x: Math.min(100, Math.max(0, (event.clientX - box.left) / box.width * 100)), y: Math.min(100, Math.max(0, (event.clientY - box.top) / box.height * 100)) };
  };
  canvas.addEventListener("pointerdown", (event) => { frame = point(event); canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener("pointermove", (event) => {
    if (!frame) { return; }
    const to = point(event);
    setEdges({ left: Math.min(frame.x, to.x), right: 100 - Math.max(frame.x, to.x), top: Math.min(frame.y, to.y), bottom: 100 - Math.max(frame.y, to.y) });
    draw();
  });
  canvas.addEventListener("pointerup", () => { frame = null; });
}

find("open").addEventListener("click", () => openCamera(""));
find("cameras").addEventListener("change", (event) => openCamera(event.target.value));
find("shoot").addEventListener("click", () => { const video = find("video"); add(taken(video, video.videoWidth, video.videoHeight)); });
find("files").addEventListener("change", (event) => { take(event.target.files); });
find("drop").addEventListener("dragover", (event) => event.preventDefault());
find("drop").addEventListener("drop", (event) => { event.preventDefault(); take(event.dataTransfer.files); });
scan.addEventListener("click", (event) => { const deed = event.target.closest("[data-do]"); if (deed && pages.length) { DEEDS[deed.dataset.do](); } });
scan.addEventListener("input", (event) => { if (event.target.matches("[data-edge]") && pages.length) { draw(); } });
find("line").addEventListener("change", sayTheSize);
sayTheSize();
follow(find("canvas"));
find("keep").addEventListener("click", () => once(async () => {
  const made = await file();
  if (!made) { warn(scan.dataset.tooLarge); return false; }
  const name = find("line").selectedOptions[0].dataset.name;
  return send(made, `${name}.${made.type === "application/pdf" ? "pdf" : "jpg"}`);
}));
})();
