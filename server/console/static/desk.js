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
  const all = form ? [...form.elements].filter(({ type }) => type !== "hidden") : [];
  // Lines that share one name are told apart by their ids.
  const field = all.find(({ name }) => name === path || name === last || name.endsWith(`.${last}`))
    ?? all.find(({ id }) => id.endsWith(`-${last}`));
  if (!field || !field.checkVisibility()) { return null; }
  const said = document.createElement("small");
  said.className = "fault";
  said.id = `fault-${field.id || field.name}`;
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
  // A question that another's answer calls for.
  document.querySelectorAll(`[data-if="${CSS.escape(it.name ?? "")}"]`).forEach((one) => { one.hidden = one.dataset.is !== it.value; });
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

// A notice as it will be: the same form, sent to be looked at in a page of its own; nothing is done yet.
document.addEventListener("click", (event) => {
  const look = event.target.closest("button[data-preview]");
  if (!look || !(look.formNoValidate || look.form.reportValidity())) { return; }
  const sheet = look.form.cloneNode(true);
  // A copy of a form loses what was typed or chosen in it.
  [...look.form.elements].forEach((field, at) => {
    const copy = sheet.elements[at];
    copy.value = field.value;
    copy.checked = field.checked;
    copy.disabled = field.disabled;
  });
  sheet.action = look.dataset.preview;
  sheet.target = "_blank";
  sheet.hidden = true;
  document.body.append(sheet);
  // Past htmx, which would put the paper into this page.
  HTMLFormElement.prototype.submit.call(sheet);
  sheet.remove();
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

// Keys: one letter for one deed, / for the search, g with an area's digit and a screen's for the menu, arrows for pages,
// ? for this list.
const TYPED_INTO = "input, textarea, select";
let going = null; // nothing, "area" while g waits for an area's digit, or the menu whose screen is waited for

function place(key) {
  if (key === "/") { return document.querySelector("[data-search]"); }
  if (key === "arrowright") { return document.querySelector("[data-page=next]"); }
  if (key === "arrowleft") { return document.querySelector("[data-page=back]"); }
  if (going && /^[1-9]$/.test(key)) { return (going === "area" ? document.querySelector(".areas") : going).querySelectorAll("a")[Number(key) - 1]; }
  return document.querySelector(`[data-key="${CSS.escape(key)}"]`);
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches(TYPED_INTO);
  if (event.key === "Escape" && typing) { event.target.blur(); }
  if (event.ctrlKey || event.metaKey || event.altKey || typing || document.querySelector("dialog[open]")) { return; }
  if (event.key === "?") { event.preventDefault(); showKeys(); return; }
  const found = place(event.key.toLowerCase());
  const area = going === "area" && found && found.matches(".areas a") && tabsOf(found.dataset.area);
  go(event.key.toLowerCase() === "g" ? "area" : area || null);
  if (!found || area) { return; }
  event.preventDefault();
  if (found.matches(TYPED_INTO)) { found.focus(); found.select(); } else { found.click(); }
  // What a key has opened is gone on with by keys.
  if (found.matches("summary") && found.parentElement.open) { found.parentElement.querySelector("select, input:not([type=hidden])")?.focus(); }
});

function tabsOf(area) { return document.querySelector(`.tabs[data-area="${area}"]`); }

/** While a digit is waited for, those it may choose from are seen with their digits. */
function go(next) {
  going = next;
  document.querySelector(".areas")?.classList.toggle("going", going === "area");
  document.querySelectorAll(".tabs").forEach((tabs) => {
    tabs.classList.toggle("going", tabs === going);
    tabs.hidden = going instanceof Element ? tabs !== going : !tabs.querySelector("[aria-current]");
  });
}

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

// An area is come back to where it was left, the call panel at its own window.
function rememberPlace() {
  const here = document.querySelector(".tabs:not([hidden]) [aria-current=page]");
  if (here) {
    const now = new URL(window.location.href);
    if (now.pathname === "/console/queue" && now.searchParams.get("window")) {
      const kept = new URLSearchParams();
      for (const name of ["hall", "window"]) { kept.set(name, now.searchParams.get(name) || ""); }
      window.sessionStorage.setItem("window", `${now.pathname}?${kept}`);
    }
    window.sessionStorage.setItem(`area:${here.closest(".tabs").dataset.area}`, here.pathname);
  }
  const panel = window.sessionStorage.getItem("window");
  if (panel) { document.querySelector('.tabs a[href^="/console/queue"]')?.setAttribute("href", panel); }
  document.querySelectorAll(".areas a").forEach((link) => {
    // Whoever sat here before may have seen more.
    const left = window.sessionStorage.getItem(`area:${link.dataset.area}`);
    const seen = [...tabsOf(link.dataset.area)?.children ?? []].find((one) => one.pathname === left);
    if (seen) { link.setAttribute("href", seen.getAttribute("href")); }
  });
}
// A boosted link keeps the address it was drawn with; where it leads now is what counts.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.matches(".top nav a")) { event.detail.path = event.target.getAttribute("href"); }
});
document.addEventListener("DOMContentLoaded", rememberPlace);
document.addEventListener("htmx:afterSettle", rememberPlace);

// On a narrow desk the menu is wider than the screen: the page one is on is not left outside it.
function showTab() { document.querySelectorAll(".top nav:not([hidden]) [aria-current]").forEach((one) => { one.scrollIntoView({ block: "nearest", inline: "center" }); }); }
document.addEventListener("DOMContentLoaded", showTab);
document.addEventListener("htmx:afterSettle", (event) => { if (event.target === document.body) { showTab(); } });
