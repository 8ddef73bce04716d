// The hall's screen: shows what comes, says it aloud once, and finds its way back after any cut.
"use strict";

const { hall, first, speech, people, quiet, on, noVoice, go } = document.body.dataset;
const STALE_AFTER = 40_000;
const POLL_SECONDS = 20;
const FRESH_FOR = 25_000;
const KEPT = 3_600_000;
const ROWS = 4;
const MANY_KINDS = 5;
const LAST = 6;
const LAST_BESIDE_MANY = 4;

let shown = JSON.parse(first);
let heardAt = Date.now();
let ahead = Date.parse(shown.at) - heardAt;
let stream = null;
let polling = false;
// A call is told from any other of the same number by its moment: called again after a pause, brought back, the next day;
// and from one in the same second by how often it was called.
const nameOf = (call) => `${call.number} ${call.called_at} ${call.calls}`;
const said = new Map(shown.calls.map((call) => [nameOf(call), Date.parse(call.called_at)]));
const fresh = new Map();
const serverNow = () => Date.now() + ahead;
const stands = (call) => call.until !== null && serverNow() < Date.parse(call.until);

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) { made.className = className; }
  if (text !== undefined) { made.textContent = text; }
  return made;
}

function draw() {
  const now = shown.calls.filter(stands).slice(0, ROWS);
  document.getElementById("now").replaceChildren(...now.map((call) => {
    const row = element("li", Date.now() - (fresh.get(nameOf(call)) ?? 0) < FRESH_FOR ? "fresh" : "");
    row.append(element("span", "number", call.number), element("span", "go", go), element("span", "where", call.window));
    return row;
  }));
  if (now.length === 0) { document.getElementById("now").append(element("li", "empty", quiet)); }
  const many = shown.kinds.length > MANY_KINDS;
  const last = shown.calls.filter((call) => !now.includes(call)).slice(0, many ? LAST_BESIDE_MANY : LAST);
  document.getElementById("last").replaceChildren(...last.map((call) => {
    const row = element("li");
    row.append(element("span", "", call.number), element("span", "", call.window));
    return row;
  }));
  document.getElementById("kinds").classList.toggle("many", many);
  document.getElementById("kinds").replaceChildren(...shown.kinds.flatMap((kind) => [
    element("dt", "", kind.name), element("dd", "", people.replace("{n}", kind.waiting)),
  ]));
}

/** A call is said once; what was called before one looked, or too long ago to stand large, is not. */
function take(board) {
  heard(board.at);
  shown = board;
  for (const call of board.calls) {
    if (!said.has(nameOf(call))) {
      said.set(nameOf(call), Date.parse(call.called_at));
      if (stands(call)) {
        fresh.set(nameOf(call), Date.now());
        voice.say(speech.replace("{number}", [...call.number].join(" ")).replace("{window}", call.window));
      }
    }
  }
  for (const [name, at] of said) {
    if (serverNow() - at > KEPT) { said.delete(name); fresh.delete(name); }
  }
  draw();
}

function heard(at) {
  heardAt = Date.now();
  if (at) { ahead = Date.parse(at) - heardAt; }
}

// Browsers speak only after somebody has touched the page; what is to be said waits its turn.
const voice = {
  waiting: [],
  speaking: false,
  enabled: false,
  say(words) {
    if (!this.enabled) { return; }
    this.waiting.push(words);
    this.next();
  },
  next() {
    if (this.speaking || this.waiting.length === 0) { return; }
    this.speaking = true;
    const one = new SpeechSynthesisUtterance(this.waiting.shift());
    one.lang = document.documentElement.lang;
    one.rate = 0.9;
    const known = window.speechSynthesis.getVoices().find((each) => each.lang.replace("_", "-").startsWith(one.lang.slice(0, 2)));
    if (known) { one.voice = known; }
    // A voice that never reports its end must not silence the hall.
    const over = () => { window.clearTimeout(late); if (this.speaking === one) { this.speaking = false; this.next(); } };
    const late = window.setTimeout(over, 15_000);
    this.speaking = one;
    one.onend = over;
    one.onerror = over;
    window.speechSynthesis.speak(one);
  },
};

document.getElementById("sound").addEventListener("click", (event) => {
  voice.enabled = "speechSynthesis" in window;
  if (voice.enabled) { window.speechSynthesis.resume(); }
  event.target.textContent = voice.enabled ? on : noVoice;
  event.target.setAttribute("aria-pressed", "true");
});

function listen() {
  if (stream) { stream.close(); }
  stream = new EventSource(`/screen/${hall}/live`);
  stream.addEventListener("board", (event) => take(JSON.parse(event.data)));
  stream.addEventListener("beat", (event) => heard(event.data));
}

/** Where a stream does not get through, asking does. */
async function poll() {
  if (polling) { return; }
  polling = true;
  try {
    const answer = await fetch(`/api/v1/halls/${hall}/board?version=${shown.version}&wait=${POLL_SECONDS}`, { headers: { "accept-language": document.documentElement.lang } });
    if (answer.ok) { take(await answer.json()); }
  } catch {
    // Nothing gets through; the next beat of the clock tries again.
  } finally {
    polling = false;
  }
}

function showTime() {
  const time = new Date(serverNow());
  document.getElementById("clock").textContent = time.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Shanghai", hour12: false });
}

window.setInterval(() => {
  showTime();
  const cut = stream.readyState !== EventSource.OPEN && Date.now() - heardAt > 5_000;
  document.getElementById("stale").hidden = !(cut || Date.now() - heardAt > STALE_AFTER);
  if (stream.readyState === EventSource.CLOSED || Date.now() - heardAt > STALE_AFTER) { listen(); }
  if (cut || Date.now() - heardAt > STALE_AFTER) { void poll(); }
  draw();
}, 3_000);
// The code by which somebody in the hall takes a number is another one every minute.
const door = document.getElementById("door");
if (door) {
  window.setInterval(() => { door.src = `/screen/${hall}/door.svg?at=${Date.now()}`; }, 30_000);
  door.addEventListener("error", () => { door.parentElement.hidden = true; });
  door.addEventListener("load", () => { door.parentElement.hidden = false; });
}

window.addEventListener("online", listen);
document.addEventListener("visibilitychange", () => { if (!document.hidden) { listen(); } });
showTime();
draw();
listen();
