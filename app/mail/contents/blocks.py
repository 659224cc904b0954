"""What a mail is made of, before anybody decides how it looks: the templates draw each shape in two ways."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Paragraph:
    """A sentence or some."""

    shape: ClassVar = "paragraph"
    text: str


@dataclass(frozen=True)
class Heading:
    """What the next blocks are about."""

    shape: ClassVar = "heading"
    text: str


@dataclass(frozen=True)
class Points:
    """A list without an order."""

    shape: ClassVar = "points"
    points: tuple[str, ...]


@dataclass(frozen=True)
class Steps:
    """What to do, one after the other."""

    shape: ClassVar = "steps"
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Button:
    """The one thing that the mail asks for; the address stands beside it, to be read and copied."""

    shape: ClassVar = "button"
    label: str
    url: str


@dataclass(frozen=True)
class Link:
    """A page to read."""

    shape: ClassVar = "link"
    label: str
    url: str


@dataclass(frozen=True)
class Quote:
    """What somebody else read, line by line, in the language in which it was read."""

    shape: ClassVar = "quote"
    lines: tuple[str, ...]
    language: str


@dataclass(frozen=True)
class Details:
    """Labels, each with its value."""

    shape: ClassVar = "details"
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SmallPrint:
    """What stands at the end."""

    shape: ClassVar = "small_print"
    text: str


Block = Paragraph | Heading | Points | Steps | Button | Link | Quote | Details | SmallPrint


@dataclass(frozen=True)
class RenderedMail:
    """One mail in one language: the subject, the line that the inbox shows beside it, and what it says."""

    subject: str
    preview: str
    blocks: tuple[Block, ...]

    @property
    def plain_subject(self) -> str:
        """The subject with plain spaces, as somebody who searches for it types them."""
        return self.subject.replace("\u00a0", " ")
