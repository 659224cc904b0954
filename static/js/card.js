// The card page, behind site.js.
"use strict";

const card = first("form[data-problems]");
const sentences = JSON.parse(card.dataset.problems);
const { card_number: number, expiry, security_code: code } = card.elements;

// Digits stand in groups as on the card, and the kind of card is named.
const KINDS = [["Visa", /^4/], ["Mastercard", /^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/], ["American Express", /^3[47]/, "number_foreign"], ["Maestro", /^(5[06-8]|6304|639|67)/, "number_debit"]];
const kindOf = (text) => KINDS.find(([, beginning]) => beginning.test(text.replaceAll(/[^0-9]/g, ""))) ?? [""];
const kind = Object.assign(document.createElement("span"), { className: "kind" });
kind.setAttribute("role", "status");
number.parentElement.prepend(kind);
number.addEventListener("input", () => {
  const { value, selectionStart: caret } = number;
  const [name] = kindOf(value);
  if (kind.textContent !== name) kind.textContent = name;
  if (/[^0-9 ]/.test(value)) return;
  const bare = (text) => text.replaceAll(" ", "");
  const digits = bare(value);
  const isAmex = digits.length > 4 && name === "American Express";
  const grouped = (isAmex ? digits.replace(/(.{4})(.{1,6})/, "$1 $2 ") : digits.replace(/.{4}/g, "$& ")).trim();
  if (grouped === value) return;
  let place = 0;
  while (bare(grouped.slice(0, place)).length < bare(value.slice(0, caret)).length) place += 1;
  number.value = grouped;
  number.setSelectionRange(place, place);
});

// A phone's keyboard of digits has no stroke. 129 may still become 1229, and waits until it is left.
const parted = (shape) => () => {
  const [, month, year] = shape.exec(expiry.value) ?? [];
  if (month) expiry.value = `${month}/${year}`;
};
expiry.addEventListener("input", parted(/^(0[1-9])([0-9]{1,2})$/));
expiry.addEventListener("change", parted(/^(0?[1-9]|1[0-2])((?:20)?[0-9]{2})$/));

// What is surely wrong is said when a field is left, in the server's words, and goes once it is mended.
const passesLuhn = (digits) => {
  const doubled = [...digits].reverse().map((digit, place) => digit * (1 + (place % 2)));
  return doubled.reduce((sum, digit) => sum + digit - 9 * (digit > 9), 0) % 10 === 0;
};
const RULES = {
  card_number(text) {
    const [, , fault] = kindOf(text);
    const digits = text.replaceAll(/[ -]/g, "");
    if (fault || !/^[0-9]+$/.test(digits)) return fault;
    if (digits.length < 13) return "number_short";
    if (digits.length > 19) return "number_long";
    return passesLuhn(digits) ? "" : "number_checksum";
  },
  expiry(text) {
    const [, month, year] = /^(0?[1-9]|1[0-2])\/(?:20)?([0-9]{2})$/.exec(text) ?? [];
    const typed = month && year + month.padStart(2, "0");
    if (typed < expiry.dataset.first) return "expiry_past";
    if (typed > expiry.dataset.last) return "expiry_far";
    return !typed && /^([0-9]{1,2}|(00|1[3-9]|2[0-5])\/?[0-9]{2})$/.test(text) ? "expiry_format" : "";
  },
  security_code(text) {
    const [name, , fault] = kindOf(number.value);
    if (fault || !/^[0-9]+$/.test(text)) return "";
    return text.length === 3 || (!name && text.length === 4) ? "" : "code_length";
  },
};
const checked = [number, expiry, code].map((field) => {
  const id = `${field.name}-problem`;
  const said = document.getElementById(id) ?? Object.assign(document.createElement("p"), { id, className: "problem" });
  if (!said.parentElement) field.after(said);
  said.setAttribute("aria-live", "polite");
  field.setAttribute("aria-describedby", `${field.name}-hint ${id}`);
  const sent = [...said.childNodes];
  const say = (...words) => {
    if (said.textContent === words.join("")) return;
    said.replaceChildren(...words);
    field.parentElement.classList.toggle("wrong", words.length > 0);
    if (words.length) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  };
  const problem = () => RULES[field.name](field.value.trim());
  let early = "";
  return {
    // A kind that is not carried is named at once.
    typed(target) {
      const before = early;
      early = (field === number && kindOf(number.value)[2]) || "";
      if (early && early !== before) say(sentences[early]);
      if (!early && (before || ((field.value || field === target) && !problem()))) say();
    },
    left() {
      if (field.value && field !== document.activeElement) say(...[sentences[problem()]].filter(Boolean));
    },
    reset() {
      early = "";
      say(...sent);
    },
  };
});
card.addEventListener("input", ({ target }) => checked.forEach((field) => field.typed(target)));
card.addEventListener("reset", () => {
  kind.replaceChildren();
  checked.forEach((field) => field.reset());
});

// A sentence that comes moves what stands below: not while that is pressed.
const look = () => document.body.matches(":active") || checked.forEach((field) => field.left());
card.addEventListener("focusout", () => setTimeout(look));
addEventListener("click", () => setTimeout(look));
