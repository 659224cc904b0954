// The list works without this file: it ticks all rows of a page at once, and counts what is ticked.
"use strict";

const rows = [...document.querySelectorAll("[name=row]")];
const all = document.querySelector("[data-tick-all]");
const count = () => {
  const ticked = rows.filter((row) => row.checked).length;
  document.querySelector("[data-ticked]").textContent = ticked && !document.querySelector("#all")?.checked ? `(${ticked})` : "";
  all.checked = ticked === rows.length;
};
if (all && rows.length) {
  all.parentElement.hidden = false;
  all.addEventListener("change", () => {
    rows.forEach((row) => (row.checked = all.checked));
    count();
  });
  document.querySelector(".listed").addEventListener("change", count);
  addEventListener("pageshow", count);
}
