// Which letters of a reading differ from a text.
"use strict";

const differences = (() => {
  // As people see letters: a combining mark belongs to the one before it.
  const segmenter = typeof Intl.Segmenter === "function" ? new Intl.Segmenter() : null;
  const letters = (text) => (segmenter ? Array.from(segmenter.segment(text), (s) => s.segment) : Array.from(text));

  // Runs [kind, letters] of `reading` against `text`, by fewest edits: "same", "other" for letters that text
  // has not there, "gap" for letters of text that are missing.
  function runs(reading, text) {
    const [a, b] = [letters(text), letters(reading)];
    let start = 0;
    while (start < a.length && start < b.length && a[start] === b[start]) start++;
    let end = 0;
    while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
    const out = [];
    const add = (kind, part) => {
      const last = out[out.length - 1];
      if (last && last[0] === kind) last[1] = part + last[1];
      else if (part) out.push([kind, part]);
    };
    // Built from the end, as the table below is read.
    add("same", b.slice(b.length - end).join(""));
    const [x, y] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
    const width = y.length + 1;
    if ((x.length + 1) * width > 4e6) {
      add("other", y.join(""));
    } else {
      const cost = new Uint32Array((x.length + 1) * width);
      for (let j = 0; j < width; j++) cost[j] = j;
      for (let i = 1; i <= x.length; i++) {
        cost[i * width] = i;
        for (let j = 1; j < width; j++) {
          const at = i * width + j;
          cost[at] = Math.min(cost[at - width - 1] + (x[i - 1] !== y[j - 1]), cost[at - width] + 1, cost[at - 1] + 1);
        }
      }
      let [i, j] = [x.length, y.length];
      while (i || j) {
        const at = i * width + j;
        // Where several ways cost the same, what is added or missing stays in one piece.
        if (i && cost[at] === cost[at - width] + 1) add("gap", x[--i]);
        else if (j && cost[at] === cost[at - 1] + 1) add("other", y[--j]);
        else {
          i--;
          j--;
          add(x[i] === y[j] ? "same" : "other", y[j]);
        }
      }
    }
    add("same", b.slice(0, start).join(""));
    return out.reverse();
  }

  return runs;
})();
