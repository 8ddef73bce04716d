// In a demo the phones have no camera: a code that stands on this screen is told to their sandbox, which lists it among
// those to scan for as long as it stands here. Nothing of this is sent to a browser in production.
(() => {
"use strict";

const { phones } = document.currentScript.dataset;
const address = `${location.protocol}//${location.hostname}:${phones}/_sandbox/phones/screens/codes`;
const told = new Set();
const tell = (path, words) => navigator.sendBeacon(address + path, JSON.stringify(words));

function hide(codes) {
  for (const text of codes) {
    told.delete(text);
    tell("/hide", { text });
  }
}

function look() {
  const now = new Map([...document.querySelectorAll("[data-shown]")].map((one) => [one.dataset.shown, one.dataset.label]));
  hide([...told].filter((text) => !now.has(text)));
  for (const [text, label] of now) {
    if (!told.has(text)) { tell("", { text, label }); }
    told.add(text);
  }
}

look();
new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true });
addEventListener("pageshow", look);
addEventListener("pagehide", () => hide([...told]));
})();
