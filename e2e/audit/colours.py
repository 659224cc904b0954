"""Whether a page can be read in the colours that a system forces on it, as high contrast in Windows does."""

from collections.abc import Iterator, Sequence
from typing import Literal

from playwright.sync_api import Page

SCHEMES: Sequence[Literal["light", "dark"]] = ("light", "dark")

#: How far two colours are apart (WCAG 1.4.3), and what lies behind an element; in the function that uses it.
_CONTRAST = """
  const parts = (colour) => colour.match(/[0-9.]+/g).map(Number);
  const mix = ([red, green, blue, alpha = 1], under) =>
    [red, green, blue].map((part, place) => part * alpha + under[place] * (1 - alpha));
  const luminance = (colour) => {
    const [red, green, blue] = colour.map((part) =>
      part <= 10 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (colour, under) => {
    const [low, high] = [mix(parts(colour), under), under].map(luminance).sort((one, other) => one - other);
    return (high + 0.05) / (low + 0.05);
  };
  const canvas = parts(getComputedStyle(document.body).backgroundColor);
  const ground = (one, style = getComputedStyle(one)) => {
    const own = parts(style.backgroundColor);
    return own[3] === 0 && one.parentElement ? ground(one.parentElement) : mix(own, canvas);
  };
"""

#: Browsers lay a plate in the colour of the page behind words, so they are measured against that as well.
#: A button shows its edge, or is underlined as a link is.
_FAULTS = """() => {
  CONTRAST
  const edged = ({ borderTopStyle, borderTopWidth, borderTopColor, textDecorationLine }) =>
    textDecorationLine === "underline" ||
    (borderTopStyle !== "none" && parseFloat(borderTopWidth) >= 1 && contrast(borderTopColor, canvas) >= 3);
  const written = (one) => one.matches("input, select, textarea") ||
    [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const empty = ["none", "normal", '""'];
  const found = new Set();
  for (const one of document.querySelectorAll("body *:not(svg, svg *, :disabled)")) {
    if (!one.checkVisibility()) continue;
    const name = `${one.className || one.tagName} ${one.innerText.trim().slice(0, 40)}`;
    if (one.matches("button, .button") && !edged(getComputedStyle(one))) found.add(`${name} has no edge`);
    for (const layer of written(one) ? [null, "::before"] : ["::before"]) {
      const style = getComputedStyle(one, layer);
      if (layer && empty.includes(style.content)) continue;
      const grounds = [ground(one, style), ...(style.forcedColorAdjust === "auto" ? [canvas] : [])];
      if (grounds.some((under) => contrast(style.color, under) < 4.5)) found.add(`${name} is ${style.color}`);
    }
  }
  return [...found];
}""".replace("CONTRAST", _CONTRAST)

#: What a form shows besides its words: where the focus is, what is done, what is wrong, what is under way.
_STATES = """() => {
  CONTRAST
  const all = (selector) => [...document.querySelectorAll(selector)];
  const style = (one) => getComputedStyle(one);
  const button = all("main form button.main").at(-1);
  button.form.addEventListener("submit", (event) => event.preventDefault());
  button.click();
  const [sound] = all("main .field input:not([aria-invalid])");
  const [wrong] = all("main .field input[aria-invalid]");
  const bars = all(".bar span").map((one) => mix(parts(style(one).backgroundColor), canvas));
  const held = {
    "the focus": all("a, button, input").filter((one) => one.checkVisibility())
      .every((one) => (one.focus(), contrast(style(one).outlineColor, canvas) >= 3)),
    "the busy button": button.ariaDisabled === "true" && contrast(style(button).color, ground(button)) >= 4.5,
    "the step that is done": contrast(`rgb(${bars[0]})`, bars.at(-1)) >= 1.5
      && all(".bar span").every((one) => contrast(style(one).outlineColor, canvas) >= 3),
    "the wrong field": style(wrong).borderTopWidth !== style(sound).borderTopWidth
      && contrast(style(wrong).borderTopColor, canvas) >= 3,
    "the summary": contrast(style(all(".summary")[0]).borderTopColor, canvas) >= 3,
  };
  return Object.keys(held).filter((name) => !held[name]);
}""".replace("CONTRAST", _CONTRAST)


def forced_colours(page: Page, _language: str) -> Iterator[str]:
    """Where the system chooses the colours, light or dark, every word is read and every button seen."""
    for scheme in SCHEMES:
        page.emulate_media(forced_colors="active", color_scheme=scheme)
        yield from (f"{scheme}: {fault}" for fault in page.evaluate(_FAULTS))
    page.emulate_media(forced_colors="none", color_scheme="light")


def unseen_states(page: Page) -> Iterator[str]:
    """On a form with mistakes, in forced colours: focus, steps, mistakes and work under way are seen."""
    for scheme in SCHEMES:
        page.emulate_media(forced_colors="active", color_scheme=scheme)
        yield from (f"{scheme}: {fault} is not seen" for fault in page.evaluate(_STATES))
