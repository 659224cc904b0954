// What a locator means on the page as it stands: [how, what, exactly, level] step by step, each within what was found before.
(steps) => {
  const tidy = (text) => (text ?? "").replaceAll(/\s+/g, " ").trim();
  const ROLES = {
    alert: "[role=alert]", button: "button", checkbox: "[type=checkbox]", heading: "h1, h2, h3, h4, h5, h6", link: "a[href]",
    listitem: "li", radio: "[type=radio]", status: "[role=status]", textbox: "textarea, input:not([type=checkbox], [type=radio], [type=hidden])",
  };
  const labels = (one) => tidy([...(one.labels ?? [])].map((label) => label.innerText).join(" "));
  const name = (one) => one.ariaLabel ?? (labels(one) || tidy(one.innerText));
  const says = (text, what, exactly) =>
    exactly ? text === tidy(what) : text.toLowerCase().includes(tidy(what).toLowerCase());
  const all = (within, selector) => [...within.querySelectorAll(selector)];
  const FIND = {
    css: (within, what) => all(within, what),
    role: (within, role, exactly, what, level) => all(within, ROLES[role])
      .filter((one) => one.checkVisibility() && (what === null || says(name(one), what, exactly)))
      .filter((one) => !level || one.localName === `h${level}`),
    label: (within, what, exactly) => all(within, "input, select, textarea").filter((one) => says(name(one), what, exactly)),
    text: (within, what, exactly) => all(within, "*").filter((one) => says(tidy(one.innerText), what, exactly))
      .filter((one, _, found) => !found.some((other) => other !== one && one.contains(other))),
  };
  return steps.reduce((found, [how, ...what]) => how === "nth"
    ? [found.at(what[0])].filter(Boolean)
    : [...new Set(found.flatMap((one) => FIND[how](one, ...what)))], [document]);
}
