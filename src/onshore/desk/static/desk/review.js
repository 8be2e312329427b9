// Keys of the match review: j and k to the candidates, a agree, c class, r reject, n next need.
"use strict";
(() => {
  const press = (name) => {
    const target = document.querySelector(`[data-review="${name}"]`);
    if (!target) return false;
    if (target.tagName === "SELECT") target.focus();
    else target.click();
    return true;
  };
  const names = { j: "after", k: "before", a: "confirmed", c: "category", r: "rejected", n: "next" };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const typing = event.target.closest("input:not([type=hidden]), textarea, select");
    if (typing) {
      if (event.key === "Escape") typing.blur();
      return;
    }
    // On a Persian keyboard the same keys write other letters: the key's place is asked.
    const letter = event.code.startsWith("Key") ? event.code.slice(3).toLowerCase() : event.key;
    if (names[letter] && press(names[letter])) event.preventDefault();
  });
})();
