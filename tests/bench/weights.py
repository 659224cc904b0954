"""What the first view of a page weighs on the wire: the page and its files, compressed, headers included."""

import gzip
import re
from dataclasses import dataclass
from typing import Protocol

from werkzeug.wrappers import Response

_FILES = re.compile(r'(?:href|src)="(/static/[^"]+)"')
#: A server's or proxy's usual level.
_LEVEL = 6


@dataclass(frozen=True)
class PageWeight:
    """Bytes of one first view: the page and its files compressed, the headers as they are."""

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

    def get(self, path: str, /) -> Response:
        """Fetch one."""
        ...


def first_view(client: PageClient, path: str) -> PageWeight:
    """Weigh a page and every file that it names."""
    page = client.get(path)
    named = sorted(set(_FILES.findall(page.get_data(as_text=True))))
    files = [_file(client, address) for address in named]
    return PageWeight(
        page=_compressed(page),
        files=sum(body for body, _ in files),
        headers=header_bytes(page) + sum(head for _, head in files),
        page_headers=header_bytes(page),
    )


def _file(client: PageClient, address: str) -> tuple[int, int]:
    # The answer holds the file open until it is closed.
    with client.get(address) as answer:
        return _compressed(answer), header_bytes(answer)


def header_bytes(response: Response) -> int:
    """Return the size of an answer's head, its cookies included."""
    lines = (f"{name}: {value}\r\n" for name, value in response.headers)
    return len(f"HTTP/1.1 {response.status}\r\n") + sum(map(len, lines)) + len("\r\n")


def _compressed(response: Response) -> int:
    return len(gzip.compress(response.get_data(), _LEVEL, mtime=0))
