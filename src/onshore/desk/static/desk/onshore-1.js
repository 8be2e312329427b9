// What the pages do besides, where there is JavaScript; without it everything still works.
"use strict";

(() => {
  const persian = "۰۱۲۳۴۵۶۷۸۹";
  const latin = (text) =>
    text.replace(/[۰-۹]/g, (d) => persian.indexOf(d)).replace(/[٠-٩]/g, (d) => "٠١٢٣٤٥٦٧٨٩".indexOf(d));
  const inPersian = document.documentElement.lang === "fa";
  const day = 86400000;

  // The parts of a day in the Solar Hijri calendar, as the browser knows it.
  const hijriParts = new Intl.DateTimeFormat("en-u-ca-persian-nu-latn", {
    year: "numeric", month: "numeric", day: "numeric", timeZone: "UTC",
  });
  const hijri = (date) => {
    const parts = Object.fromEntries(hijriParts.formatToParts(date).map((p) => [p.type, p.value]));
    return [parseInt(parts.year, 10), Number(parts.month), Number(parts.day)];
  };
  const fromHijri = (year, month, number) => {
    const about = Date.UTC(year + 621, 2, 20) + ((month - 1) * 30.5 + number - 1) * day;
    for (let shift = -9; shift <= 9; shift += 1) {
      const date = new Date(Math.floor(about / day) * day + shift * day);
      const [y, m, d] = hijri(date);
      if (y === year && m === month && d === number) return date;
    }
    return null;
  };
  const shownIn = (calendar) =>
    new Intl.DateTimeFormat(`${inPersian ? "fa" : "en"}-u-ca-${calendar}`, {
      year: "numeric", month: "long", day: "numeric", timeZone: "UTC",
    });

  // Beside a field for a day: the same day in both calendars.
  const tellDay = (input) => {
    const typed = latin(input.value.trim()).match(/^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/);
    let told = "";
    if (typed) {
      const [year, month, number] = typed.slice(1).map(Number);
      const date = year < 1700 ? fromHijri(year, month, number) : new Date(Date.UTC(year, month - 1, number));
      if (date && (year < 1700 || date.getUTCMonth() === month - 1)) {
        told = ["persian", "gregory"].map((calendar) => shownIn(calendar).format(date));
        told = (inPersian ? told : told.reverse()).join(" · ");
      }
    }
    input.nextElementSibling.textContent = told;
  };

  // Beside a box for a key: what the chosen one is called, as its list tells it.
  const callings = new WeakMap();
  const tellChosen = (input) => {
    const called = callings.get(input), typed = input.value.trim();
    const keys = input.dataset.choose === "several" ? typed.split(/[;؛]/) : [typed];
    const told = called.get(typed) ?? keys.map((key) => called.get(key.trim())).filter(Boolean).join("; ");
    document.getElementById(`${input.id}_told`).textContent = told;
  };
  const learnCallings = (input) => {
    for (const option of input.list.options) {
      const key = input.dataset.choose === "several" ? option.value.split(/[;؛]/).pop() : option.value;
      callings.get(input).set(key.trim(), option.text);
    }
    tellChosen(input);
  };
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.target.dataset.choose) event.detail.parameters = { q: event.target.value };
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const input = event.detail.requestConfig.elt;
    if (callings.has(input)) learnCallings(input);
  });

  const prepare = (root) => {
    for (const input of root.querySelectorAll("input[data-day]:not([data-ready])")) {
      const told = document.createElement("output");
      told.className = "day-told";
      if (input.id) told.htmlFor = input.id;
      input.after(told);
      input.dataset.ready = "1";
      input.addEventListener("input", () => tellDay(input));
      tellDay(input);
    }
    for (const input of root.querySelectorAll("input[data-choose]:not([data-ready])")) {
      const told = document.getElementById(`${input.id}_told`).textContent;
      callings.set(input, new Map(told ? [[input.value.trim(), told]] : []));
      input.dataset.ready = "1";
      input.addEventListener("input", () => tellChosen(input));
    }
  };
  prepare(document);
  document.addEventListener("htmx:load", (event) => prepare(event.target));

  // A form that is being sent is not sent again.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sending) event.preventDefault();
    form.dataset.sending = "1";
    setTimeout(() => delete form.dataset.sending, 8000);
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sending;
  });

  // A long form that was changed asks before it is left.
  const changed = new Set();
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && form.classList.contains("form")) changed.add(form);
  });
  document.addEventListener("submit", () => changed.clear());
  window.addEventListener("beforeunload", (event) => {
    if (changed.size) event.preventDefault();
  });

  // On a phone the answer comes first: the filters are folded, unless one is set.
  if (window.matchMedia("(max-width: 860px)").matches) {
    for (const box of document.querySelectorAll("details.filter-box:not([data-set])")) box.open = false;
  }

  const errors = document.getElementById("errors");
  if (errors) errors.focus();

  // The key "/" goes to the search; Escape closes an open menu.
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      const search = document.querySelector("[data-key='/']");
      if (search) { event.preventDefault(); search.focus(); }
    }
    if (event.key === "Escape") {
      const open = event.target.closest("details.menu[open], details.more[open]");
      if (open) { open.open = false; open.querySelector("summary").focus(); }
    }
  });
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open], details.more[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
})();
