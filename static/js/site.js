// Every page works without this file: it only saves a click, a look or a typing error.
"use strict";

const first = (selector) => document.querySelector(selector);

// The error summary takes the focus, so that it is read first.
first("[data-focus]")?.focus();

// The way to the bank opens by itself; its button stays for those who come back.
first("form[data-auto-submit] button")?.click();

// A second click on a button that is already at work does nothing.
addEventListener("submit", (event) => {
  const form = event.target;
  if (!("once" in form.dataset)) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 15000);
});

// What was typed leaves with the page: a browser that comes back finds an empty card form.
addEventListener("pagehide", () => {
  document.querySelectorAll("form[data-once]").forEach((form) => {
    form.reset();
    delete form.dataset.sent;
  });
});

// A copy button fills the clipboard and says so; where that is not allowed, the text stands selected.
document.querySelectorAll("[data-copy]").forEach((button) => {
  const said = document.createElement("span");
  said.className = "copied";
  said.setAttribute("role", "status");
  button.after(said);
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
  });
  if ("copyNow" in button.dataset) button.click();
});

// Card digits stand in groups of four while they are typed at the end of the field.
first("[data-card-number]")?.addEventListener("input", ({ target }) => {
  if (target.selectionStart !== target.value.length || /[^0-9 ]/.test(target.value)) return;
  const digits = target.value.replaceAll(" ", "");
  const groups = /^3[47]/.test(digits) ? /^(.{1,4})(.{1,6})?(.+)?/ : /.{1,4}/g;
  const parts = digits.match(groups) ?? [];
  target.value = (groups.global ? parts : parts.slice(1).filter(Boolean)).join(" ");
});

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
