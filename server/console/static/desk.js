// What plain HTML cannot: refusals shown in place, one key for one deed, choices that go at once.
"use strict";

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  const alert = document.getElementById("alert");
  if (xhr.status < 400) { return; }
  event.detail.shouldSwap = true;
  event.detail.isError = false;
  event.detail.target = alert;
  event.detail.swapOverride = "innerHTML";
});

// What is wrong is said at its field too, which is where somebody looks who mends it.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "alert") { return; }
  const form = event.detail.requestConfig.elt.closest("form");
  const faults = [...event.detail.target.querySelectorAll("li[data-field]")];
  const marked = faults.map((fault) => mark(form, fault)).filter(Boolean);
  if (marked.length) { marked[0].focus(); } else { window.scrollTo({ top: 0, behavior: "smooth" }); }
});

document.addEventListener("htmx:beforeRequest", (event) => {
  event.target.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
  event.target.querySelectorAll(".fault").forEach((fault) => fault.remove());
});

function mark(form, fault) {
  const path = fault.dataset.field;
  const last = path.split(".").pop();
  const field = form && [...form.elements].find(({ name, type }) => (
    type !== "hidden" && (name === path || name === last || name.endsWith(`.${last}`))
  ));
  if (!field || !field.checkVisibility()) { return null; }
  const said = document.createElement("small");
  said.className = "fault";
  said.id = `fault-${field.name}`;
  said.textContent = fault.textContent;
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", said.id);
  field.after(said);
  return field;
}

// A list that renews itself waits while somebody has opened something in it, or stands in it by keyboard.
document.addEventListener("htmx:beforeRequest", (event) => {
  const list = event.target;
  if (list.matches("[data-patient]") && list.querySelector("details[open], :focus")) { event.preventDefault(); }
});

document.addEventListener("htmx:sendError", () => {
  document.getElementById("alert").textContent = document.body.dataset.offline;
});

document.addEventListener("change", (event) => {
  const it = event.target;
  if (it.matches("[data-go]")) { it.form.requestSubmit(); }
  if (it.matches("[data-all]")) {
    document.querySelectorAll(`input[name=${it.dataset.all}]`).forEach((box) => { box.checked = it.checked; });
  }
  if (it.matches("[data-opens]")) {
    const opened = document.getElementById(it.dataset.opens);
    opened.disabled = !it.checked;
    opened.hidden = !it.checked;
    opened.required = it.checked;
    if (it.checked) { opened.focus(); }
  }
  if (it.matches("[data-shows]")) {
    const shown = document.getElementById(it.dataset.shows);
    shown.hidden = it.value !== it.dataset.when;
    if (!shown.hidden) { shown.querySelector("input").focus(); }
  }
});

document.addEventListener("click", (event) => {
  const only = event.target.closest("button[data-only]");
  if (only) {
    // Its own box says which row: htmx leaves out a button that stands outside its form.
    document.querySelectorAll(`input[name=${only.name}]`).forEach((box) => { box.checked = box.value === only.value; });
  }
});

// An opening as it is often made: its kind and hours are filled in, days and places are left to be said.
document.addEventListener("click", (event) => {
  const preset = event.target.closest("button[data-set]");
  if (!preset) { return; }
  const form = document.getElementById("change");
  for (const [name, value] of Object.entries(JSON.parse(preset.dataset.set))) { form.elements[name].value = value; }
  form.elements.first_on.focus();
});

// A reason that is often given is one tap; it may be changed before it is sent.
document.addEventListener("click", (event) => {
  const chip = event.target.closest("button[data-fill]");
  if (!chip) { return; }
  const field = document.getElementById(chip.dataset.fill);
  field.value = chip.textContent.trim();
  field.focus();
});

document.addEventListener("submit", (event) => {
  const sure = event.target.dataset && event.target.dataset.sure;
  if (sure && !window.confirm(sure)) { event.preventDefault(); event.stopImmediatePropagation(); }
}, true);

// Keys: one letter for one deed, / for the search, g and a digit for a menu, arrows for pages, ? for this list.
const TYPED_INTO = "input, textarea, select";
let going = false;

function place(key) {
  if (key === "/") { return document.querySelector("[data-search]"); }
  if (key === "arrowright") { return document.querySelector("[data-page=next]"); }
  if (key === "arrowleft") { return document.querySelector("[data-page=back]"); }
  if (going && /^[1-9]$/.test(key)) { return document.querySelectorAll(".top nav a")[Number(key) - 1]; }
  return document.querySelector(`[data-key="${CSS.escape(key)}"]`);
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches(TYPED_INTO);
  if (event.key === "Escape" && typing) { event.target.blur(); }
  if (event.ctrlKey || event.metaKey || event.altKey || typing || document.querySelector("dialog[open]")) { return; }
  if (event.key === "?") { event.preventDefault(); showKeys(); return; }
  const found = place(event.key.toLowerCase());
  going = event.key.toLowerCase() === "g";
  if (!found) { return; }
  event.preventDefault();
  if (found.matches(TYPED_INTO)) { found.focus(); found.select(); } else { found.click(); }
  // What a key has opened is gone on with by keys.
  if (found.matches("summary") && found.parentElement.open) { found.parentElement.querySelector("select, input:not([type=hidden])")?.focus(); }
});

function showKeys() {
  const keys = document.getElementById("keys");
  if (keys && !keys.open) { keys.showModal(); }
}
document.addEventListener("click", (event) => { if (event.target.closest("[data-keys]")) { showKeys(); } });

// A file is read here and sent as text, so that what will be changed can be seen before.
document.addEventListener("change", async (event) => {
  const [file] = event.target.files || [];
  if (event.target.matches("[data-into]") && file) { document.getElementById(event.target.dataset.into).value = await file.text(); }
});

// The call panel belongs to one window; coming back by the menu must not end up at another.
function rememberWindow() {
  const here = new URL(window.location.href);
  const link = document.querySelector('nav a[href^="/console/queue"]');
  if (here.pathname === "/console/queue" && here.searchParams.get("window")) {
    const kept = new URLSearchParams();
    for (const name of ["hall", "window"]) { kept.set(name, here.searchParams.get(name) || ""); }
    window.sessionStorage.setItem("window", kept.toString());
  }
  const kept = window.sessionStorage.getItem("window");
  if (link && kept) { link.setAttribute("href", `/console/queue?${kept}`); }
}
document.addEventListener("DOMContentLoaded", rememberWindow);
document.addEventListener("htmx:afterSettle", rememberWindow);

// On a narrow desk the menu is wider than the screen: the page one is on is not left outside it.
function showTab() { document.querySelector(".top nav [aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "center" }); }
document.addEventListener("DOMContentLoaded", showTab);
document.addEventListener("htmx:afterSettle", (event) => { if (event.target === document.body) { showTab(); } });
