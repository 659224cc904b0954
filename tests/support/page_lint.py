"""A linter for pages: whatever a test fetches must be sound, accessible, closed and free of card numbers."""

import gzip
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response

Finding = str

UNLABELLED_TYPES = frozenset({"hidden", "submit", "button", "reset", "image"})
ADDRESS_ATTRIBUTES = ("src", "href", "action", "formaction", "poster", "data")
REFERENCE_ATTRIBUTES = ("aria-describedby", "aria-labelledby", "aria-controls", "aria-errormessage", "for")
_SVG = "{http://www.w3.org/2000/svg}"
PICTURES = ("img", f"{_SVG}svg")
CSRF_FIELDS = frozenset({"csrf_token"})

#: Twelve to nineteen digits, bare or in groups, that are a word of their own.
DIGITS = re.compile(r"(?<![\w-])\d(?:[ -]?\d){11,18}(?![\w-])", re.ASCII)
#: What is drawn anew for each answer, and is no finding: tokens of forms and links, marks of requests.
DRAWN = re.compile(
    r"[\w-]{6,}\.(?:[\w-]{6}\.[\w-]{27}|[\w-]{43})|(?<![\da-f])[\da-f]{24,32}(?![\da-f])|shown_\d+", re.ASCII
)
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?\d{4}){3}\b", re.ASCII)


@dataclass(frozen=True)
class LintRules:
    """What a website asks of its own pages; the bank's differ from the product's."""

    csrf: bool = True
    origins: Collection[str] = ()
    card_numbers: Collection[str] = ()
    """Path prefixes of pages that exist to show test card numbers."""


@dataclass(frozen=True)
class LintedPage:
    """One fetched page: its address, headers, text, and elements with their parents."""

    path: str
    headers: Headers
    text: str
    rules: LintRules
    errors: list[Any]
    root: Element
    parents: dict[Element, Element] = field(default_factory=dict)

    def all(self, *tags: str) -> Iterator[Element]:
        """Yield the elements with one of these tags, or all, in the order of the page."""
        return (element for element in self.root.iter() if not tags or element.tag in tags)

    def above(self, element: Element) -> Iterator[Element]:
        """Yield the elements around an element, the nearest first."""
        while (parent := self.parents.get(element)) is not None:
            yield parent
            element = parent

    def ids(self) -> list[str]:
        """Return every id, as often as it is given."""
        return [element.attrib["id"] for element in self.all() if "id" in element.attrib]


Rule = Callable[[LintedPage], Iterable[Finding]]


#: Pages that were looked at, so that none is read twice in one process.
_sound = set[bytes]()


def lint(response: Response, *, path: str, rules: LintRules = LintRules()) -> None:
    """Raise AssertionError with every finding about a page."""
    text = _text_of(response)
    headers = sorted(header for header in response.headers.items() if header[0] != "X-Request-ID")
    mark = sha256(DRAWN.sub("#", f"{path} {rules} {headers} {text}").encode()).digest()
    if mark in _sound:
        return
    page = _read(text, response.headers, path, rules)
    found = [f"{rule.__name__}: {finding}" for rule in RULES for finding in rule(page)]
    if found:
        raise AssertionError("\n  ".join([f"The page {path} is not sound:", *found]))
    _sound.add(mark)


class LintingClient(FlaskClient):
    """A test client that lints each page it is given; set `rules` in a subclass for another website."""

    rules = LintRules()

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Fetch, and lint what came unless it is a redirect or no page."""
        response = super().open(*args, **kwargs)
        is_page = response.mimetype == "text/html" and response.request.method != "HEAD"
        if is_page and response.status_code // 100 != 3:
            lint(response, path=response.request.path, rules=self.rules)
        return response


def _text_of(response: Response) -> str:
    body = response.get_data()
    return (gzip.decompress(body) if response.content_encoding == "gzip" else body).decode()


def _read(text: str, headers: Headers, path: str, rules: LintRules) -> LintedPage:
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root = parser.parse(text)
    # The parser also yields comments, whose tag is a function.
    for parent in list(root.iter()):
        for child in [child for child in parent if not isinstance(child.tag, str)]:
            parent.remove(child)
    parents = {child: parent for parent in root.iter() for child in parent}
    return LintedPage(path, headers, text, rules, parser.errors, root, parents)


def _words(element: Element) -> str:
    """Return what an element says to somebody who does not see it."""
    pictures = (image.get("alt", "") for image in element.iter("img"))
    return " ".join(["".join(element.itertext()), element.get("aria-label", ""), *pictures]).strip()


def _show(element: Element) -> str:
    telling = ("id", "name", "type", "href", "src", "action")
    attributes = "".join(f" {name}={element.attrib[name]!r}" for name in telling if name in element.attrib)
    return f"<{element.tag}{attributes}>"


def valid_html(page: LintedPage) -> Iterator[Finding]:
    """The parser has nothing to repair."""
    yield from (f"{code} at line {line} {details}" for (line, _), code, details in page.errors)


def heading(page: LintedPage) -> Iterator[Finding]:
    """A page has one h1, and it says something."""
    headings = list(page.all("h1"))
    if len(headings) != 1 or not _words(headings[0]):
        yield f"one h1 is wanted, here are {[_words(h1) for h1 in headings]}"


def language(page: LintedPage) -> Iterator[Finding]:
    """A page says which language it speaks."""
    if not page.root.get("lang"):
        yield "html has no lang"


def title(page: LintedPage) -> Iterator[Finding]:
    """A page has a title."""
    if [bool(_words(element)) for element in page.all("title") if page.parents[element].tag == "head"] != [
        True
    ]:
        yield "one title with words is wanted"


def full_stops(page: LintedPage) -> Iterator[Finding]:
    """A title ends without a full stop, but for the service's own messages, which stay as they are."""
    alarms = [element for element in page.all() if element.get("class") == "failed"]
    own = {_words(h1) for alarm in alarms for h1 in alarm.iter("h1")}
    for h1 in page.all("h1"):
        if _words(h1).endswith(".") and _words(h1) not in own:
            yield f"the title {_words(h1)!r} ends with a full stop"


def unique_ids(page: LintedPage) -> Iterator[Finding]:
    """An id is given once."""
    ids = page.ids()
    yield from sorted({f"id {name!r} is given twice" for name in ids if ids.count(name) > 1})


def references(page: LintedPage) -> Iterator[Finding]:
    """Labels, descriptions and links within the page lead somewhere."""
    ids = set(page.ids())
    for element in page.all():
        wanted = {name for attribute in REFERENCE_ATTRIBUTES for name in element.get(attribute, "").split()}
        wanted |= {element.get("href", "")[1:]} if element.get("href", "").startswith("#") else set()
        yield from (f"{_show(element)} refers to missing id {name!r}" for name in sorted(wanted - ids))


def labels(page: LintedPage) -> Iterator[Finding]:
    """Every field has a label; a placeholder is none."""
    labelled = {label.attrib["for"] for label in page.all("label") if "for" in label.attrib and _words(label)}
    for element in page.all("input", "select", "textarea"):
        own = element.get("aria-label") or element.get("aria-labelledby") or element.get("id") in labelled
        around = any(outer.tag == "label" and _words(outer) for outer in page.above(element))
        if element.get("type") not in UNLABELLED_TYPES and not own and not around:
            yield f"{_show(element)} has no label"


def named_controls(page: LintedPage) -> Iterator[Finding]:
    """Buttons and links have words, and images an alternative."""
    for element in page.all("button", "a"):
        if not _words(element) and not element.get("aria-labelledby"):
            yield f"{_show(element)} has no words"
    for element in page.all("input"):
        if element.get("type") in {"submit", "button", "reset"} and not element.get("value"):
            yield f"{_show(element)} has no words"
    yield from (f"{_show(image)} has no alt" for image in page.all("img") if "alt" not in image.attrib)


def sized_pictures(page: LintedPage) -> Iterator[Finding]:
    """A drawing or image states its size: where it does not, each engine lays it out in its own way."""
    for picture in page.all(*PICTURES):
        wanting = [side for side in ("width", "height") if not picture.get(side, "").isdecimal()]
        if wanting:
            shown = picture.get("src") or picture.get("viewBox")
            yield f"the picture {shown} has no {' and no '.join(wanting)} in pixels"


def drawn_lines(page: LintedPage) -> Iterator[Finding]:
    """The lines of a drawing are ones that browsers know; they leave out what follows a mistake."""
    for lines in page.all(f"{_SVG}path"):
        if not re.fullmatch(r"(?:[MLHVCSQTAZ][\d\s,.-]*)+", lines.get("d", ""), re.ASCII | re.IGNORECASE):
            yield f"lines that cannot be drawn: {lines.get('d')}"


def csrf(page: LintedPage) -> Iterator[Finding]:
    """A form that posts to us carries the token, and a form that posts elsewhere must not."""
    for form in page.all("form"):
        if form.get("method", "get").lower() != "post":
            continue
        carried = any(
            control.get("name") in CSRF_FIELDS and control.get("value") for control in form.iter("input")
        )
        away = bool(urlsplit(form.get("action", "")).netloc)
        if carried != (page.rules.csrf and not away):
            yield f"{_show(form)} {'gives its CSRF token away' if carried else 'has no CSRF token'}"


def nothing_inline(page: LintedPage) -> Iterator[Finding]:
    """Styles, scripts and handlers stand in files, as the content security policy wants."""
    for element in page.all():
        if element.tag == "style" or (element.tag == "script" and not element.get("src")):
            yield f"inline {element.tag}"
        for name, value in element.attrib.items():
            if name == "style" or name.startswith("on") or value.strip().lower().startswith("javascript:"):
                yield f"{_show(element)} has inline {name}"


def addresses(page: LintedPage) -> Iterator[Finding]:
    """A page points to no other origin but those that are allowed."""
    for element in page.all():
        for name in ADDRESS_ATTRIBUTES:
            parts = urlsplit(element.get(name, ""))
            if parts.netloc and f"{parts.scheme}://{parts.netloc}" not in page.rules.origins:
                yield f"{_show(element)} points outside by {name}"


def refresh(page: LintedPage) -> Iterator[Finding]:
    """A page renews itself only for those without script: nobody loses the place while reading."""
    for meta in page.all("meta"):
        inside = any(outer.tag == "noscript" for outer in page.above(meta))
        if meta.get("http-equiv", "").lower() == "refresh" and not inside:
            yield "meta refresh outside noscript"


def headers(page: LintedPage) -> Iterator[Finding]:
    """The headers that keep a page closed are there."""
    policy = page.headers.get("Content-Security-Policy", "")
    wanted = {
        "Content-Security-Policy": bool(policy),
        "X-Content-Type-Options: nosniff": page.headers.get("X-Content-Type-Options") == "nosniff",
        "Referrer-Policy": "Referrer-Policy" in page.headers,
        "Cache-Control: no-store": "no-store" in page.headers.get("Cache-Control", ""),
        "frame-ancestors": "frame-ancestors" in policy or "X-Frame-Options" in page.headers,
        "a policy without 'unsafe-inline'": "unsafe-" not in policy,
    }
    yield from (f"{name} is missing" for name, there in wanted.items() if not there)


def no_card_numbers(page: LintedPage) -> Iterator[Finding]:
    """No page shows, hides or redisplays a card number."""
    if page.path.startswith(tuple(page.rules.card_numbers)):
        return
    for match in DIGITS.finditer(IBAN.sub("", page.text)):
        if _luhn(digits := re.sub(r"\D", "", match[0])):
            yield f"a card number that ends in {digits[-4:]}"


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


RULES: tuple[Rule, ...] = (
    valid_html,
    heading,
    language,
    title,
    full_stops,
    unique_ids,
    references,
    labels,
    named_controls,
    sized_pictures,
    drawn_lines,
    csrf,
    nothing_inline,
    addresses,
    refresh,
    headers,
    no_card_numbers,
)
