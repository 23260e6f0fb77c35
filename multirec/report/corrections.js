// Corrected texts by image, kept by the browser: `corrections(id, changed)` holds those of the page `id` and
// calls `changed` when another window with the same page has changed them.
"use strict";

const corrections = (id, changed) => {
  const key = `multirec-report:${id}`;
  const texts = new Map();
  let kept = true;

  function load() {
    texts.clear();
    try {
      for (const [image, text] of JSON.parse(localStorage.getItem(key) ?? "[]")) texts.set(String(image), String(text));
    } catch {
      kept = false;
    }
  }

  function save() {
    try {
      localStorage.setItem(key, JSON.stringify([...texts]));
      kept = true;
    } catch {
      kept = false;
    }
  }

  // What can be a cell of gt.tsv: one line, no tab, Unicode.
  function tidy(text) {
    const line = text.replace(/\p{Cs}/gu, "\ufffd").replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
    return line.normalize("NFC").trim();
  }

  load();
  addEventListener("storage", (event) => {
    if (event.key !== key) return;
    load();
    changed();
  });
  // What is being typed counts: leaving its field keeps it.
  addEventListener("pagehide", () => document.activeElement?.blur());
  addEventListener("beforeunload", (event) => {
    if (!kept && texts.size) event.preventDefault();
  });

  return {
    tidy,
    isKept: () => kept,
    has: (image) => texts.has(image),
    get: (image) => texts.get(image),
    set(image, text) {
      texts.set(image, tidy(text));
      save();
    },
    delete(image) {
      texts.delete(image);
      save();
    },
  };
};
