"""What axe cannot tell: order, focus, size of text and targets, errors that lead to their fields."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, ViewportSize

from e2e.audit.colours import forced_colours
from e2e.words import say

Probe = Callable[[Page, str], Iterator[str]]

PHONE: ViewportSize = {"width": 390, "height": 844}
#: As much as a phone shows at twice the size of everything.
ZOOMED: ViewportSize = {"width": 320, "height": 422}
#: Where errors are shown that nobody has made.
_COMPONENTS = "/design"
#: Pixels that are lost to rounding.
_SLACK = 2
#: As thick as a thumb.
_TARGET = 44

_STRUCTURE = """() => {
  const count = (selector) => document.querySelectorAll(selector).length;
  const names = [...document.querySelectorAll("nav")].map((nav) =>
    nav.ariaLabel ?? document.getElementById(nav.getAttribute("aria-labelledby"))?.innerText);
  return {
    h1: [...document.querySelectorAll("h1")].map((one) => one.innerText.trim()),
    main: count("main"), banner: count("body > header"), lang: document.documentElement.lang,
    navs: names.length, named: new Set(names.filter(Boolean)).size,
    ahead: count("[tabindex]:not([tabindex='0']):not([tabindex='-1'])"),
  };
}"""

_ERRORS = """() => {
  const summary = document.querySelector(".summary");
  const links = summary ? [...summary.querySelectorAll("a")] : [];
  return {
    title: document.title,
    h1: document.querySelector("h1")?.innerText.replace(/\\s+/g, " ").trim() ?? "",
    invalid: document.querySelectorAll("[aria-invalid=true]").length,
    summary: Boolean(summary),
    focused: document.activeElement.matches(summary ? ".summary" : "[aria-invalid=true]"),
    astray: links.map((link) => link.getAttribute("href"))
      .filter((href) => !document.querySelector(href)?.matches("input, select, textarea")),
    untold: [...document.querySelectorAll("[aria-invalid=true]")]
      .filter((field) => !field.getAttribute("aria-describedby")).map((field) => field.name),
  };
}"""

#: What lies where it must not; a file of its own, since other engines run it too.
LAYOUT = (Path(__file__).parent / "layout.js").read_text()

#: Everything that can be acted upon and is shown.
_ACTIONS = """[...document.querySelectorAll(
  "main :is(a[href], button, summary, select, textarea, input:not([type=hidden]))"
)].filter((one) => one.checkVisibility())"""

_NAMED = """const named = (one) => one.name || one.id || one.innerText?.trim().slice(0, 40) || one.tagName;"""

_ORDER = f"""() => {{
  {_NAMED}
  let before = null;
  const wrong = [];
  const scrolls = (one) => /auto|scroll/.test(getComputedStyle(one).overflowY);
  const scrolled = (one) => one !== document.body && (scrolls(one) || scrolled(one.parentElement));
  for (const one of {_ACTIONS}.filter((one) => !scrolled(one.parentElement))) {{
    const box = one.getBoundingClientRect();
    if (before && box.bottom <= before.box.top) wrong.push(`${{named(one)}} stands above ${{before.name}}`);
    before = {{box, name: named(one)}};
  }}
  return wrong;
}}"""

#: A tick and its label are one target; a link within a sentence is as high as its line.
_TARGETS = f"""() => {{
  {_NAMED}
  const box = (one) => one.getBoundingClientRect();
  const height = (one) => {{
    const boxes = [one, ...(one.type === "checkbox" || one.type === "radio" ? one.labels : [])].map(box);
    return Math.max(...boxes.map((each) => each.bottom)) - Math.min(...boxes.map((each) => each.top));
  }};
  return {_ACTIONS}.filter((one) => one.matches("button, summary, select, textarea, input, a.button"))
    .filter((one) => height(one) < {_TARGET} - 0.5)
    .map((one) => `${{named(one)}} is ${{Math.round(height(one))}} px high`);
}}"""

#: What does not fit: the page itself, or the words of something that hides what sticks out.
_CUT_OFF = f"""() => {{
  {_NAMED}
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const cut = [...document.querySelectorAll("body *")].filter((one) => {{
    const style = getComputedStyle(one);
    if (!/hidden|clip/.test(style.overflowX + style.overflowY) || !one.checkVisibility()) return false;
    const unseen = one.clientWidth <= 1 || one.clientHeight <= 1;
    const inside = one.scrollWidth <= one.clientWidth + {_SLACK};
    return !unseen && one.innerText?.trim() && !(inside && one.scrollHeight <= one.clientHeight + {_SLACK});
  }});
  const sideways = wide > 0 ? [`scrolls sideways by ${{wide}} px`] : [];
  return [...sideways, ...cut.map((one) => `cuts off ${{named(one)}}`)];
}}"""

#: Where nobody says how wide a picture is, each engine has its own answer; Firefox tells only the answer.
_GUESSED_WIDTHS = """() => [...document.querySelectorAll("svg, img")]
  .filter((one) => one.computedStyleMap?.().get("width").toString() === "auto")
  .map((one) => `the width of ${one.getAttribute("viewBox") ?? one.src} is left to the browser`)"""

#: Pages whose narrow columns may divide a word; the cardholder's, on the smallest phone, divide none.
_AT_A_DESK = ("/portal", "/qa", "/design")
#: Words that two lines share. Some browsers know no hyphens of a language: there the longest must fit too.
_TORN_WORDS = """() => {
  document.body.style.hyphens = "manual";
  const nodes = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT), torn = [];
  for (let node; (node = nodes.nextNode());) {
    for (const word of node.data.matchAll(/(?<![^\\s„(])\\p{L}{8,}(?=[\\s.,:?!)“]|$)/gu)) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      if (range.getClientRects().length > 1) torn.push(`${word[0]} is torn`);
    }
  }
  document.body.style.hyphens = "";
  return torn;
}"""

_SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important; } p { margin-block-end: 2em !important; }`);
  document.adoptedStyleSheets = [sheet];
}"""

_FOCUS = f"""() => {{
  {_NAMED}
  const wrong = [];
  for (const one of {_ACTIONS}) {{
    one.focus();
    const box = one.getBoundingClientRect();
    const style = getComputedStyle(one);
    const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    const top = document.elementFromPoint(
      Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1),
      Math.min(Math.max(box.top + Math.min(box.height, 40) / 2, 0), innerHeight - 1));
    const seen = top && (one.contains(top) || top.contains(one) || [...(one.labels ?? [])].includes(top));
    if (!one.disabled && document.activeElement !== one) wrong.push(`${{named(one)}} takes no focus`);
    else if (!one.disabled && (!inside || !seen)) wrong.push(`the focus on ${{named(one)}} is hidden`);
    else if (!one.disabled && (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2))
      wrong.push(`the focus on ${{named(one)}} is not drawn`);
  }}
  return wrong;
}}"""

_MOVING = """() => document.getAnimations().filter((one) => one.playState === "running")
  .map((one) => `${one.animationName ?? one.transitionProperty} runs`)"""


def structure(page: Page, language: str) -> Iterator[str]:
    """A page has one h1, one main part, one banner, named menus, its language, and no order of its own."""
    seen = page.evaluate(_STRUCTURE)
    if len(seen["h1"]) != 1 or not seen["h1"][0]:
        yield f"headings of the first level: {seen['h1']}"
    if (seen["main"], seen["banner"]) != (1, 1):
        yield f"{seen['main']} main parts and {seen['banner']} banners"
    if seen["navs"] != seen["named"]:
        yield "menus whose names do not tell them apart"
    if seen["lang"] != language:
        yield f"says that it speaks {seen['lang']}"
    if seen["ahead"]:
        yield "something stands ahead in the order of the Tab key"


def errors(page: Page, language: str) -> Iterator[str]:
    """Errors stand in the title, in a summary that has the focus and leads to fields, and at the fields."""
    if urlsplit(page.url).path.startswith(_COMPONENTS):
        return
    seen = page.evaluate(_ERRORS)
    prefix = say("Error: %(title)s", language).partition("%(title)s")[0]
    wrong = bool(seen["invalid"] or seen["summary"])
    if seen["title"].startswith(prefix) != wrong:
        yield f"the title {seen['title']!r} is that of a page {'with' if wrong else 'without'} errors"
    if wrong and not seen["focused"]:
        yield "neither a summary of the errors nor the one wrong field has the focus"
    yield from (f"the summary leads to {href}, which is no field" for href in seen["astray"])
    yield from (f"the field {name} is wrong and does not say why" for name in seen["untold"])
    if seen["h1"] and seen["h1"] not in " ".join(seen["title"].split()):
        yield f"the title {seen['title']!r} does not name {seen['h1']!r}"


def order(page: Page, _language: str) -> Iterator[str]:
    """On a phone, what comes later stands lower."""
    yield from page.evaluate(_ORDER)


def targets(page: Page, _language: str) -> Iterator[str]:
    """A thumb hits every button and field."""
    yield from page.evaluate(_TARGETS)


def pictures(page: Page, _language: str) -> Iterator[str]:
    """Every picture is told how wide it is; its proportions are its own."""
    yield from page.evaluate(_GUESSED_WIDTHS)


def large_text(page: Page, _language: str) -> Iterator[str]:
    """Text of twice the size cuts nothing off."""
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    yield from page.evaluate(_CUT_OFF)
    page.evaluate("document.documentElement.style.fontSize = ''")


def spaced_text(page: Page, _language: str) -> Iterator[str]:
    """Lines, words and letters can stand further apart (WCAG 1.4.12)."""
    page.evaluate(_SPACED)
    yield from page.evaluate(_CUT_OFF)
    page.evaluate("document.adoptedStyleSheets = []")


def layout(page: Page, _language: str) -> Iterator[str]:
    """Nothing lies on something else, sticks out of its box, or touches its neighbour."""
    yield from page.evaluate(LAYOUT)


def narrow(page: Page, _language: str) -> Iterator[str]:
    """At four times the size of a desk, which is 320 pixels, nothing scrolls sideways, and all lies well."""
    page.set_viewport_size(ZOOMED)
    yield from page.evaluate(_CUT_OFF)
    if not urlsplit(page.url).path.startswith(_AT_A_DESK):
        yield from page.evaluate(_TORN_WORDS)
    yield from page.evaluate(LAYOUT)
    page.set_viewport_size(PHONE)


def focus(page: Page, _language: str) -> Iterator[str]:
    """Whatever has the focus is seen, and so is the focus."""
    page.set_viewport_size(ZOOMED)
    # The browser draws the focus for those who use keys.
    page.keyboard.press("Tab")
    yield from page.evaluate(_FOCUS)
    page.set_viewport_size(PHONE)


def stillness(page: Page, _language: str) -> Iterator[str]:
    """Nothing moves for those who asked for that."""
    page.emulate_media(reduced_motion="reduce")
    yield from page.evaluate(_MOVING)
    page.emulate_media(reduced_motion="no-preference")


#: In this order: the first looks at where the focus is, the last moves it.
PROBES: Sequence[Probe] = (
    errors,
    structure,
    order,
    targets,
    pictures,
    layout,
    large_text,
    spaced_text,
    narrow,
    stillness,
    forced_colours,
    focus,
)


def complaints(page: Page, language: str, probes: Sequence[Probe] = PROBES) -> Mapping[str, Sequence[str]]:
    """Return what each probe finds on a page."""
    return {probe.__name__: [*probe(page, language)] for probe in probes}
