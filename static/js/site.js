// Every page works without this file: it only saves a click, a look or a typing error.
"use strict";

const first = (selector) => document.querySelector(selector);

// The error summary takes the focus, so that it is read first.
first("[data-focus]")?.focus();

// The way to the bank opens by itself; its button stays for those who come back.
first("form[data-auto-submit] button")?.click();

// A second click on a button at work does nothing, and one that takes long says what it does.
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

// What was typed leaves with the page, and again where a browser brings it back. Whoever is typing already is left alone.
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

// A waiting page changes only when there are news; the reader keeps the place.
const main = first("main[data-poll]");
if (main) {
  const look = async (seconds) => {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      // Too often, or away: no news.
      if (answer.status < 429 && page.querySelector("main")?.dataset.state !== main.dataset.state)
        return location.reload();
    } catch {
      // Out of reach for a moment; the next look may succeed.
    }
    const next = Math.min(seconds * 1.1, 15);
    setTimeout(look, next * 1000, next);
  };
  const pace = Number(main.dataset.poll);
  setTimeout(look, pace * 1000, pace);
}
