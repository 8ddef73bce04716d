// What a kiosk does by itself: prints, listens to its scanner, and goes home when nobody touches it.
"use strict";

for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => window.print());
  if ("printNow" in button.dataset) { window.addEventListener("load", () => window.print()); }
}

// A scanner types as a keyboard does, wherever the focus has gone.
const scanner = document.querySelector("[data-scanner]");
if (scanner) {
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.matches("input:not([type=radio]), button, a");
    if (!typing && event.key.length === 1) { scanner.focus(); }
  });
}

const idle = Number(document.body.dataset.idle) * 1000;
const home = document.body.dataset.home;
if (home) {
  let timer = 0;
  const again = () => {
    window.clearTimeout(timer);
    // At home the counts are asked for anew every now and then, unless a code is being typed.
    timer = window.setTimeout(() => {
      if (idle || !scanner || scanner.value === "") { window.location.replace(home); } else { again(); }
    }, idle || 30_000);
  };
  for (const touch of ["pointerdown", "keydown"]) { document.addEventListener(touch, again); }
  again();
}
