// Copying, on the pages of those who order and test; all of it is there without this file.
"use strict";

// A copy button fills the clipboard and says so, to the history too; where that is not allowed, the text stands selected.
const announcer = (button) => {
  const said = document.createElement("span");
  said.className = "copied";
  said.setAttribute("role", "status");
  button.after(said);
  return said;
};
const record = ({ record: address }) => {
  const token = document.querySelector("[name=csrf_token]");
  if (address) fetch(address, { method: "POST", body: new URLSearchParams({ csrf_token: token?.value }) });
};
document.querySelectorAll("[data-copy]").forEach((button) => {
  const said = announcer(button);
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.querySelector(button.dataset.copy);
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
