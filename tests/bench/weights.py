"""What the first view of a page weighs as the product sends it: the page and its files, headers included."""

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from werkzeug.wrappers import Response

_FILES = re.compile(r'(?:href|src)="(/static/[^"]+)"')
_BROWSERS = {"Accept-Encoding": "gzip"}


@dataclass(frozen=True)
class PageWeight:
    """Bytes of one first view, as they are sent to a browser."""

    page: int
    files: int
    headers: int
    page_headers: int

    @property
    def total(self) -> int:
        """Everything that the first view transfers."""
        return self.page + self.files + self.headers


class PageClient(Protocol):
    """Whatever fetches pages and files by their path."""

    def get(self, path: str, /, *, headers: Mapping[str, str]) -> Response:
        """Fetch one."""
        ...


def first_view(client: PageClient, path: str) -> PageWeight:
    """Weigh a page and every file that it names."""
    page = client.get(path, headers=_BROWSERS)
    body = page.get_data()
    text = gzip.decompress(body) if page.content_encoding == "gzip" else body
    files = [_weigh_file(client, address) for address in sorted(set(_FILES.findall(text.decode())))]
    return PageWeight(
        page=len(body),
        files=sum(size for size, _ in files),
        headers=header_bytes(page) + sum(head for _, head in files),
        page_headers=header_bytes(page),
    )


def _weigh_file(client: PageClient, address: str) -> tuple[int, int]:
    # The answer holds the file open until it is closed.
    with client.get(address, headers=_BROWSERS) as answer:
        return len(answer.get_data()), header_bytes(answer)


def header_bytes(response: Response) -> int:
    """Return the size of an answer's head, its cookies included."""
    lines = (f"{name}: {value}\r\n" for name, value in response.headers)
    return len(f"HTTP/1.1 {response.status}\r\n") + sum(map(len, lines)) + len("\r\n")
