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
  window.scrollTo({ top: 0, behavior: "smooth" });
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
});

document.addEventListener("click", (event) => {
  const only = event.target.closest("button[data-only]");
  if (only) {
    // Its own box says which row: htmx leaves out a button that stands outside its form.
    document.querySelectorAll(`input[name=${only.name}]`).forEach((box) => { box.checked = box.value === only.value; });
  }
});

document.addEventListener("submit", (event) => {
  const sure = event.target.dataset && event.target.dataset.sure;
  if (sure && !window.confirm(sure)) { event.preventDefault(); event.stopImmediatePropagation(); }
}, true);

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) { return; }
  const button = document.querySelector(`button[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (button) { event.preventDefault(); button.click(); }
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
