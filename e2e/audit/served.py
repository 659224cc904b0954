"""What the server sent: the page as it came, before the browser made anything of it."""

import gzip
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from playwright._impl._api_structures import NameValue
from playwright.sync_api import Page
from playwright.sync_api import Response as Answer
from werkzeug.wrappers import Response

from e2e.album import AlbumSection
from tests.bench.weights import PageWeight, first_view
from tests.support.page_lint import LintRules, lint

_ORIGIN = re.compile(r"https?://[^\s;]+")
#: The bank's front page and the testers' pages exist to show test cards.
_SHOWS_CARDS: Mapping[AlbumSection, Sequence[str]] = {
    AlbumSection.BANK: ("/",),
    AlbumSection.TESTERS: ("/qa",),
}


class ResponseRecorder:
    """Remembers the answer that each browser page was made from."""

    def __init__(self) -> None:
        self._answers: dict[Page, Answer] = {}

    def watch(self, page: Page) -> None:
        """Remember what this page is made from, from now on."""
        page.on("response", lambda answer: self._note(page, answer))

    def _note(self, page: Page, answer: Answer) -> None:
        whole = answer.request.is_navigation_request() and answer.frame == page.main_frame
        if whole and answer.status // 100 != 3:
            self._answers[page] = answer

    def sent(self, page: Page) -> "RecordedResponse":
        """Return what the page as it stands was made from."""
        return RecordedResponse(page, self._answers[page])


class RecordedResponse:
    """One answer of a server; fetches the files that the page names, as the browser did."""

    def __init__(self, page: Page, answer: Answer) -> None:
        self._page = page
        self.url = answer.url
        self.response = _as_sent(answer.body(), answer.status, answer.headers_array())

    @property
    def html(self) -> str:
        """The page."""
        body = self.response.get_data()
        return (gzip.decompress(body) if self.response.content_encoding == "gzip" else body).decode()

    def get(self, path: str, /, *, headers: Mapping[str, str]) -> Response:
        """Fetch a file from beside the page, or the page itself."""
        parts = urlsplit(self.url)
        if path == parts.path:
            return self.response
        fetched = self._page.request.get(f"{parts.scheme}://{parts.netloc}{path}", headers=dict(headers))
        return _as_sent(fetched.body(), fetched.status, fetched.headers_array)

    def weight(self) -> PageWeight:
        """Weigh the page with all that it names."""
        return first_view(self, urlsplit(self.url).path)

    def unsound(self, door: AlbumSection) -> Iterator[str]:
        """Yield what our own linter finds; a page may point where its own policy lets forms go."""
        parts = urlsplit(self.url)
        allowed = _ORIGIN.findall(self.response.headers.get("Content-Security-Policy", ""))
        rules = LintRules(
            csrf=door is not AlbumSection.BANK,
            origins=(f"{parts.scheme}://{parts.netloc}", *allowed, *self._bank(door)),
            card_numbers=_SHOWS_CARDS.get(door, ()),
        )
        try:
            lint(self.response, path=urlsplit(self.url).path, rules=rules)
        except AssertionError as found:
            yield from str(found).splitlines()[1:]

    def _bank(self, door: AlbumSection) -> Iterator[str]:
        """Yield where the testers' pages lead: to the bank that the server itself names."""
        if door is AlbumSection.TESTERS:
            parts = urlsplit(self.url)
            yield self._page.request.get(f"{parts.scheme}://{parts.netloc}/qa/api/server").json()["bank_url"]


def _as_sent(body: bytes, status: int, headers: Iterable[NameValue]) -> Response:
    """Return an answer as it travelled: a browser hands on what it has unpacked."""
    response = Response(body, status, _named(headers))
    if response.content_encoding == "gzip":
        response.set_data(gzip.compress(body, mtime=0))
    return response


def _named(headers: Iterable[NameValue]) -> Sequence[tuple[str, str]]:
    return [(one["name"], one["value"]) for one in headers]
