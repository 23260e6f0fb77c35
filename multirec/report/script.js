// The lines of the page: shown, filtered, stepped through, corrected.  Texts and names come from anywhere,
// so they are only ever made into text nodes, attributes and values, never into markup.
"use strict";

(() => {
  const PAGE = 50; // rows in the document at a time
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("data").textContent);
  // In the order of review; `place` is where a row stands in it.
  const rows = data.rows.map((cells, place) => {
    const named = data.columns.map((column, i) => [column, cells[i]]);
    return { ...Object.fromEntries(named), place };
  });

  const number = (value) => value.toLocaleString("en");
  const percent = (value) => `${(100 * value).toFixed(value > 0.99 || value < 0.01 ? 1 : 0)}%`;

  // Control characters as pictures of themselves.
  const pictured = (control) => (control === "\u007f" ? "\u2421" : String.fromCharCode(0x2400 + control.charCodeAt(0)));
  const visible = (text) => text.replace(/[\u0000-\u001f\u007f]/g, pictured);

  const edits = corrections(data.id, () => {
    count();
    if (!list.querySelector("textarea")) show();
  });
  const shownText = (row) => edits.get(row.image) ?? row.text;
  const isDone = (row) => edits.has(row.image);

  // ---- A row ----------------------------------------------------------------------------------------

  function marked(reading, text) {
    const nodes = document.createDocumentFragment();
    for (const [kind, part] of differences(reading, text)) {
      if (kind === "same") {
        nodes.append(visible(part));
        continue;
      }
      const mark = document.createElement("mark");
      if (kind === "gap") {
        mark.className = "gap";
        mark.title = `missing: ${visible(part)}`;
        mark.setAttribute("role", "img");
        mark.setAttribute("aria-label", mark.title);
      } else mark.textContent = visible(part);
      nodes.append(mark);
    }
    return nodes;
  }

  const blocks = new Map();

  function address(row) {
    if (data.pictures === "none") return "";
    const block = Math.floor(row.place / data.block);
    if (!blocks.has(block)) blocks.set(block, JSON.parse($(`pictures-${block}`).textContent));
    const picture = blocks.get(block)[row.place % data.block];
    return picture && data.pictures === "embed" ? `data:image/webp;base64,${picture}` : picture;
  }

  function reading(name, text, against, confidence) {
    const line = $("reading").content.cloneNode(true);
    line.querySelector(".reader").textContent = name;
    line.querySelector(".text").append(marked(text, against));
    line.querySelector(".percent").textContent = confidence;
    return line;
  }

  function chip(item, kind, words) {
    item.classList.add(kind);
    const span = document.createElement("span");
    span.className = `chip ${kind}`;
    span.textContent = words;
    item.querySelector(".chips").append(span);
  }

  function draw(row, index) {
    const item = $("row").content.firstElementChild.cloneNode(true);
    item.dataset.index = index;
    const part = (name) => item.querySelector(name);
    const source = address(row);
    if (source) {
      const image = document.createElement("img");
      image.alt = "The line as printed";
      image.loading = "lazy";
      image.decoding = "async";
      image.addEventListener("error", () => image.replaceWith("the browser cannot show this image"));
      image.src = source;
      part(".picture").append(image);
    } else part(".picture").textContent = row.note === row.error ? "" : row.note;
    part(".name").textContent = row.image;
    if (row.error) {
      part(".main").classList.add("nothing");
      part(".main .reader").textContent = "Error";
      part(".main .text").textContent = visible(row.error);
      part(".confidence").remove();
      part(".buttons").remove();
      chip(item, "error", "not read");
      return item;
    }
    const text = shownText(row);
    part(".main .text").textContent = visible(text);
    const readings = part(".readings");
    if (text !== row.text) {
      part(".main .reader").textContent = "Corrected";
      readings.append(reading("Combined", row.text, text, ""));
    }
    if (row.agree) {
      const both = `${percent(row.confidence_363)}, ${percent(row.confidence_484)}`;
      readings.append(reading("Both", row.text_363, text, both));
    } else {
      readings.append(reading("SEnet363", row.text_363, text, percent(row.confidence_363)));
      readings.append(reading("SEnet484", row.text_484, text, percent(row.confidence_484)));
    }
    part(".bar span").style.width = `${100 * row.confidence}%`;
    part(".confidence .percent").textContent = percent(row.confidence);
    part(".confidence").title = "confidence of the combined text";
    chip(item, row.agree ? "agree" : "differ", row.agree ? "models agree" : "models differ");
    if (isDone(row)) chip(item, "done", text === row.text ? "checked" : "corrected");
    part(".left-out").textContent = row.left_out && `not for ${data.file}: ${row.left_out}`;
    part(".undo").hidden = !isDone(row);
    return item;
  }

  // ---- The list -------------------------------------------------------------------------------------

  const list = $("lines");
  const collator = new Intl.Collator("en", { numeric: true });
  const sorts = {
    review: (a, b) => a.place - b.place,
    input: (a, b) => a.number - b.number,
    confidence: (a, b) => !!a.error - !!b.error || a.confidence - b.confidence || a.place - b.place,
    name: (a, b) => collator.compare(a.image, b.image) || a.number - b.number,
  };
  const filters = {
    all: () => true,
    differ: (row) => !row.error && !row.agree,
    below: (row) => !row.error && row.confidence < $("threshold").value / 100,
    errors: (row) => Boolean(row.error),
    corrected: isDone,
  };
  let shown = [];
  let selected = 0;
  let page = 0;
  let waiting = 0; // timer of a search that is being typed

  const words = (text) => text.normalize("NFC").toLowerCase();
  function haystack(row) {
    row.words ??= words([row.image, row.text, row.text_363, row.text_484, row.error].join("\n"));
    return isDone(row) ? `${row.words}\n${words(shownText(row))}` : row.words;
  }

  // Choose rows anew; not done while somebody corrects, so that rows do not vanish below their hands.
  function choose() {
    clearTimeout(waiting);
    waiting = 0;
    const wanted = words($("search").value).split(/\s+/).filter(Boolean);
    const filter = filters[document.querySelector("input[name=filter]:checked").value];
    shown = rows.filter((row) => filter(row) && wanted.every((word) => haystack(row).includes(word)));
    shown.sort(sorts[$("sort").value]);
    selected = page = 0;
    show();
  }

  function show() {
    const first = page * PAGE;
    list.replaceChildren(...shown.slice(first, first + PAGE).map((row, i) => draw(row, first + i)));
    mark();
    const pages = Math.max(1, Math.ceil(shown.length / PAGE));
    const range = shown.length
      ? `Lines ${number(first + 1)} to ${number(Math.min(first + PAGE, shown.length))} of ${number(shown.length)}`
      : "No line fits";
    for (const nav of document.querySelectorAll(".pages")) {
      nav.querySelector(".range").textContent = range;
      nav.querySelector(".of").textContent = `of ${number(pages)}`;
      nav.querySelector("input").value = page + 1;
      nav.querySelector("input").max = pages;
      // Below the lines it saves scrolling, if there is somewhere to go.
      nav.hidden = nav.previousElementSibling === list && pages === 1;
      nav.querySelector(".before").disabled = page === 0;
      nav.querySelector(".after").disabled = page + 1 >= pages;
    }
  }

  const itemOf = (index) => list.querySelector(`[data-index="${index}"]`);

  function mark() {
    for (const item of list.children) {
      const current = Number(item.dataset.index) === selected;
      item.tabIndex = current ? 0 : -1;
      if (current) item.setAttribute("aria-current", "true");
      else item.removeAttribute("aria-current");
    }
  }

  function select(index, focus = true) {
    if (!shown.length) return;
    selected = Math.max(0, Math.min(index, shown.length - 1));
    const needed = Math.floor(selected / PAGE);
    if (needed !== page) {
      page = needed;
      show();
    } else mark();
    if (!focus) return;
    const item = itemOf(selected);
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: "nearest" });
  }

  function turn(to) {
    page = Math.max(0, Math.min(to, Math.ceil(shown.length / PAGE) - 1));
    selected = page * PAGE;
    show();
    list.scrollIntoView({ block: "start" });
  }

  function redraw(index) {
    itemOf(index)?.replaceWith(draw(shown[index], index));
    mark();
  }

  function count() {
    for (const [name, filter] of Object.entries(filters)) {
      document.querySelector(`[data-count=${name}]`).textContent = number(rows.filter(filter).length);
    }
    const changed = rows.filter((row) => isDone(row) && !row.error && shownText(row) !== row.text).length;
    const checked = rows.filter((row) => isDone(row) && !row.error).length - changed;
    $("tally").textContent = `${number(changed)} corrected, ${number(checked)} checked`;
    $("unkept").hidden = edits.isKept();
  }

  // ---- Correcting -----------------------------------------------------------------------------------

  function edit(index) {
    const row = shown[index];
    if (!row || row.error) return;
    select(index);
    const item = itemOf(index);
    if (item.querySelector("textarea")) return;
    const field = document.createElement("textarea");
    field.value = shownText(row);
    field.rows = 1;
    field.dir = "auto";
    field.spellcheck = false;
    field.setAttribute("aria-label", `Text of ${row.image}`);
    const fit = () => {
      field.style.height = "auto";
      field.style.height = `${field.scrollHeight + 2}px`;
    };
    let open = true;
    const close = (text) => {
      if (!open) return;
      open = false; // replacing the field blurs it
      if (text !== null) {
        edits.set(row.image, text);
        count();
      }
      // The rows may have been chosen anew while the field lost its focus.
      if (shown[index] === row) redraw(index);
    };
    field.addEventListener("input", fit);
    field.addEventListener("blur", () => {
      const changed = edits.tidy(field.value) !== edits.tidy(shownText(row));
      close(changed ? field.value : null);
    });
    field.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Enter") {
        close(field.value);
        select(index + 1);
      } else if (event.key === "Escape") {
        close(null);
        select(index);
      } else return;
      event.preventDefault();
      event.stopPropagation();
    });
    item.querySelector(".main .text").replaceWith(field);
    fit();
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }

  function undo(index) {
    const row = shown[index];
    if (!row || !isDone(row)) return;
    edits.delete(row.image);
    count();
    redraw(index);
    select(index);
  }

  function table() {
    const all = $("what").value === "all";
    const lines = new Map();
    const without = new Map();
    for (const row of [...rows].sort(sorts.input)) {
      if (!all && !isDone(row)) continue;
      const text = edits.tidy(shownText(row));
      const reason = row.left_out || (row.error && "the image was not read") || (!text && "the text is empty");
      if (reason) without.set(reason, (without.get(reason) ?? 0) + 1);
      else lines.set(row.name, text);
    }
    const left = [...without].map(([reason, times]) => `; left out ${number(times)}: ${reason}`).join("");
    $("said").textContent = `${number(lines.size)} ${lines.size === 1 ? "line" : "lines"} in ${data.file}${left}.`;
    return Array.from(lines, ([name, text]) => `${name}\t${text}\n`).join("");
  }

  function download() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([table()], { type: "text/tab-separated-values;charset=utf-8" }));
    link.download = data.file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  // ---- Keys and clicks -----------------------------------------------------------------------------

  const keys = {
    j: () => select(selected + 1),
    k: () => select(selected - 1),
    ArrowDown: () => select(selected + 1),
    ArrowUp: () => select(selected - 1),
    e: () => edit(selected),
    Enter: () => edit(selected),
    u: () => undo(selected),
    "/": () => {
      $("search").focus();
      $("search").select();
    },
    Escape: () => {
      if (!$("search").value) return;
      $("search").value = "";
      choose();
    },
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const at = event.target;
    if (at.matches("textarea, select, input[type=number]")) return;
    if (at.matches("input[type=search]")) {
      if (event.key !== "Escape" && event.key !== "Enter") return;
      event.preventDefault();
      at.blur();
      if (waiting) choose();
      select(selected);
      return;
    }
    // Native keys of what has the focus come first.
    const pressed = event.key === "Enter" && at.matches("button, a, summary");
    if (pressed || (event.key.startsWith("Arrow") && at.matches("input")) || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });

  list.addEventListener("click", (event) => {
    const item = event.target.closest(".row");
    if (!item || event.target.matches("textarea")) return;
    const index = Number(item.dataset.index);
    const text = event.target.matches(".main .text") && getSelection().isCollapsed;
    if (event.target.matches(".undo")) undo(index);
    else if (text || event.target.matches(".edit")) edit(index);
    else select(index, false);
  });

  $("search").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(choose, 150);
  });
  $("sort").addEventListener("change", choose);
  $("threshold").addEventListener("input", () => {
    $("level").textContent = `${$("threshold").value}%`;
    document.querySelector("input[value=below]").checked = true;
    count();
    choose();
  });
  for (const radio of document.querySelectorAll("input[name=filter]")) radio.addEventListener("change", choose);
  $("tools").addEventListener("submit", (event) => event.preventDefault());
  $("download").addEventListener("click", download);

  for (const nav of document.querySelectorAll(".pages")) {
    const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
    const before = make("button", { type: "button", className: "before", textContent: "Previous" });
    const after = make("button", { type: "button", className: "after", textContent: "Next" });
    const field = make("input", { type: "number", min: 1 });
    field.setAttribute("aria-label", "Page");
    before.addEventListener("click", () => turn(page - 1));
    after.addEventListener("click", () => turn(page + 1));
    field.addEventListener("change", () => turn(Math.round(Number(field.value) || 1) - 1));
    nav.append(make("span", { className: "range" }), before, "Page", field, make("span", { className: "of" }), after);
  }
  document.querySelector(".pages .range").setAttribute("role", "status");

  count();
  choose();
})();
