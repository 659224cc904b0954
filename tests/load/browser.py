"""A browser without a screen: it keeps cookies, follows redirects, sends forms, and notes its waits."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from time import perf_counter
from urllib.parse import urlencode, urljoin, urlsplit

import urllib3

#: Seconds by page.
Waits = dict[str, list[float]]
_PATIENCE = 30
#: What stands before a secret in an address, and what such a page is.
_SECRETS = {"a": "a link", "return": "after the bank"}


class UnexpectedPage(Exception):
    """The server answered something else than the walk leads to."""


@dataclass
class PageForm:
    """A form as it stands on a page: where it leads, and what it sends unless somebody types."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass
class LoadedPage:
    """What came: its address, its text and its forms."""

    url: str
    text: str
    forms: list[PageForm]

    def form_with(self, name: str) -> PageForm:
        """Return the form that has a field of this name; raise UnexpectedPage where none has."""
        for form in self.forms:
            if name in form.fields:
                return form
        raise UnexpectedPage(f"{urlsplit(self.url).path} has no form with {name}")


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note forms, and what stands in them."""
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(PageForm(attributes.get("action", "")))
        elif tag in ("input", "button") and self.forms and attributes.get("name"):
            # Of several buttons or choices of a name the first is taken.
            self.forms[-1].fields.setdefault(attributes["name"], attributes.get("value", ""))


class LoadBrowser:
    """One visitor's; `waits` may be shared by all."""

    def __init__(self, pool: urllib3.PoolManager, waits: Waits, bank: str, language: str) -> None:
        self._pool, self._waits, self._bank, self._language = pool, waits, bank, language
        self._cookies: defaultdict[str, dict[str, str]] = defaultdict(dict)

    def open(self, url: str, sent: Mapping[str, str] | None = None) -> LoadedPage:
        """Ask for a page, with a form where one is sent, and follow where that leads."""
        for _ in range(10):
            answer = self._ask(url, sent)
            if answer.status not in (302, 303):
                return self._read(url, answer)
            url, sent = urljoin(url, answer.headers["Location"]), None
        raise UnexpectedPage(f"{urlsplit(url).path} leads nowhere")

    def send(self, page: LoadedPage, name: str, **typed: str) -> LoadedPage:
        """Fill in and send the form of a page that has a field of this name."""
        form = page.form_with(name)
        return self.open(urljoin(page.url, form.action), {**form.fields, **typed})

    def _ask(self, url: str, sent: Mapping[str, str] | None) -> urllib3.BaseHTTPResponse:
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        jar = self._cookies[parts.netloc]
        headers = {"Accept-Language": self._language, "Accept-Encoding": "gzip", "Origin": site}
        headers |= {"Cookie": "; ".join(f"{name}={value}" for name, value in jar.items())} if jar else {}
        method, began = ("GET" if sent is None else "POST"), perf_counter()
        if sent is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = None if sent is None else urlencode(sent)
        answer = self._pool.urlopen(method, url, body=body, headers=headers, redirect=False)
        self._waits[self._name(method, url)].append(perf_counter() - began)
        for line in answer.headers.getlist("Set-Cookie"):
            jar.update({name: morsel.value for name, morsel in SimpleCookie(line).items()})
        return answer

    def _name(self, method: str, url: str) -> str:
        if url.startswith(self._bank):
            return "at the bank"
        *before, last = urlsplit(url).path.strip("/").split("/")
        return f"{method} {_SECRETS.get(before[-1] if before else '', last)}"

    def _read(self, url: str, answer: urllib3.BaseHTTPResponse) -> LoadedPage:
        if answer.status != 200:
            raise UnexpectedPage(f"{urlsplit(url).path}: {answer.status}")
        reader, text = _FormReader(), answer.data.decode()
        reader.feed(text)
        return LoadedPage(url, text, reader.forms)


def open_pool(visitors: int) -> urllib3.PoolManager:
    """Return the connections of all visitors: each server keeps as many as there are of them."""
    return urllib3.PoolManager(maxsize=visitors, block=True, timeout=_PATIENCE, retries=False)
