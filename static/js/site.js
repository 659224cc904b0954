// Every page works without this file: it only saves a click, a look or a typing error.
"use strict";

const first = (selector) => document.querySelector(selector);

// The error summary takes the focus, so that it is read first.
first("[data-focus]")?.focus();

// The way to the bank opens by itself; its button stays for those who come back.
first("form[data-auto-submit] button")?.click();

// A second click on a button that is already at work does nothing, and one that takes long says what it does.
const rest = (form) => {
  delete form.dataset.sent;
  const button = form.querySelector("[data-idle]");
  if (!button) return;
  button.textContent = button.dataset.idle;
  button.removeAttribute("aria-disabled");
  delete button.dataset.idle;
};
addEventListener("submit", (event) => {
  const form = event.target;
  if (!("once" in form.dataset)) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(rest, 15000, form);
  const button = form.querySelector("[data-busy]");
  if (!button) return;
  button.dataset.idle = button.textContent;
  button.textContent = button.dataset.busy;
  button.setAttribute("aria-disabled", "true");
});

// What was typed leaves with the page, and once more where a browser brings it back: by Back, by a reload, or with a
// page that it has kept. Whoever is already typing, because this file came late, is left alone.
const forms = [...document.querySelectorAll("form[data-once]")];
const empty = (form) => {
  form.reset();
  rest(form);
};
const shownAgain = performance.getEntriesByType("navigation")[0]?.type !== "navigate";
const emptyAgain = () => forms.filter((form) => shownAgain && !form.matches(":focus-within")).forEach(empty);
emptyAgain();
addEventListener("pagehide", () => forms.forEach(empty));
addEventListener("pageshow", ({ persisted }) => (persisted ? forms.forEach(empty) : emptyAgain()));

// Another language keeps what was ticked: the form carries it there.
const ticked = first("form[data-languages]");
document.querySelectorAll(".languages a").forEach((link) => {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || !ticked?.querySelector(":checked")) return;
    event.preventDefault();
    ticked.action = link.href;
    ticked.submit();
  });
});

// A copy button fills the clipboard and says so, to the history too; where that is not allowed, the text stands selected.
const announcer = (button) => {
  const said = document.createElement("span");
  said.className = "copied";
  said.setAttribute("role", "status");
  button.after(said);
  return said;
};
const record = ({ record: address }) => {
  const token = first("[name=csrf_token]");
  if (address) fetch(address, { method: "POST", body: new URLSearchParams({ csrf_token: token?.value }) });
};
document.querySelectorAll("[data-copy]").forEach((button) => {
  const said = announcer(button);
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = first(button.dataset.copy);
    source.select();
    try {
      await navigator.clipboard.writeText(source.value);
    } catch {
      if (!document.execCommand("copy")) return;
    }
    said.textContent = button.dataset.copied ?? "✓";
    record(button.dataset);
  });
});

// What stands on another page is copied from there; where that is not allowed, the form leads to it.
document.querySelectorAll("form[data-copy-from]").forEach((form) => {
  const said = announcer(form.querySelector("button"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const page = new DOMParser().parseFromString(await (await fetch(form.action)).text(), "text/html");
      await navigator.clipboard.writeText(page.querySelector(form.dataset.copyFrom).value);
    } catch {
      return form.submit();
    }
    said.textContent = form.dataset.copied;
    record(form.dataset);
  });
});

// Digits stand in groups as on the card, the caret keeps its place among them, and the kind of card is named: the field says
// at once that a kind is not carried.
const KINDS = [["Visa", /^4/], ["Mastercard", /^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/], ["American Express", /^3[47]/, "foreign"], ["Maestro", /^(5[06-8]|6304|639|67)/, "debit"]];
const number = first("[data-card-number]");
if (number) {
  const kind = document.createElement("span");
  kind.className = "kind";
  kind.setAttribute("role", "status");
  number.parentElement.prepend(kind);
  const warning = Object.assign(document.createElement("p"), { className: "problem", ariaLive: "polite" });
  number.after(warning);
  number.form?.addEventListener("reset", () => [kind, warning].forEach((text) => text.replaceChildren()));
  number.addEventListener("input", () => {
    const { value, selectionStart: caret } = number;
    const digits = value.replaceAll(/[^0-9]/g, "");
    const [name = "", , fault] = KINDS.find(([, beginning]) => beginning.test(digits)) ?? [];
    if (kind.textContent !== name) {
      kind.textContent = name;
      warning.textContent = number.dataset[fault] ?? "";
    }
    if (/[^0-9 ]/.test(value)) return;
    const count = (text) => text.replaceAll(" ", "").length;
    const sizes = /^3[47]/.test(digits) ? [4, 6, 5] : [4, 4, 4, 4];
    const ends = sizes.map((_, place) => sizes.slice(0, place + 1).reduce((sum, size) => sum + size));
    const grouped = [...digits].map((digit, place) => (ends.includes(place) ? " " : "") + digit).join("");
    if (grouped === value) return;
    const before = count(value.slice(0, caret));
    let place = 0;
    while (count(grouped.slice(0, place)) < before) place += 1;
    number.value = grouped;
    number.setSelectionRange(place, place);
  });
}

// The numeric keyboard of a phone has no stroke: it comes by itself between month and year. Behind a 0 the month is
// known at once; 129 may still become 1229, so that the rest waits until the field is left, and 129 is January then.
const parted = (shape) => ({ target }) => {
  const [, month, year] = shape.exec(target.value) ?? [];
  if (month) target.value = `${month}/${year}`;
};
const expiry = first("[data-expiry]");
expiry?.addEventListener("input", parted(/^(0[1-9])([0-9]{1,2})$/));
expiry?.addEventListener("change", parted(/^(0?[1-9]|1[0-2])((?:20)?[0-9]{2})$/));

// A waiting page looks for news and changes only when there are some; the reader keeps the place.
const main = first("main[data-poll]");
if (main) {
  const look = async (seconds) => {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (page.querySelector("main")?.dataset.state !== main.dataset.state) return location.reload();
    } catch {
      // Out of reach for a moment; the next look may succeed.
    }
    const next = Math.min(seconds * 1.1, 15);
    setTimeout(look, next * 1000, next);
  };
  const pace = Number(main.dataset.poll);
  setTimeout(look, pace * 1000, pace);
}
