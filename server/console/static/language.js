// People, items and papers keep their Chinese names on an English page: a screen reader is told so, or it spells them out.
(() => {
"use strict";

const HAN = /\p{Script=Han}/u;
const LATIN = /\p{Script=Latin}/u;
const CHINESE = "zh-CN";

function told(text) {
  const around = text.parentElement;
  if (!around || !HAN.test(text.data) || around.closest(":lang(zh), script, style, textarea")) { return; }
  if (around.childNodes.length === 1 && !LATIN.test(text.data)) { around.lang = CHINESE; return; }
  if (around.matches("option, title")) { return; }
  const pieces = text.data.split(/(\p{Script=Han}(?:[^\p{Script=Latin}\n]*[\p{Script=Han}\p{N}）〕》])?)/u);
  text.replaceWith(...pieces.filter(Boolean).map((piece) => {
    if (!HAN.test(piece)) { return piece; }
    const said = document.createElement("span");
    said.lang = CHINESE;
    said.textContent = piece;
    return said;
  }));
}

function tell(root) {
  if (document.documentElement.lang.startsWith("zh")) { return; }
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walk.nextNode()) { texts.push(walk.currentNode); }
  texts.forEach(told);
  root.querySelectorAll("input, textarea").forEach((field) => { if (HAN.test(field.value)) { field.lang = CHINESE; } });
}

document.addEventListener("DOMContentLoaded", () => tell(document.body));
document.addEventListener("htmx:afterSettle", () => tell(document.body));
})();
