"""What the audit writes down of each page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from e2e.album import Door


class Check(StrEnum):
    """What is looked at; the heading of a column."""

    AXE = "axe"
    HTML = "HTML"
    READING = "reading"
    WEIGHT = "weight"


@dataclass(frozen=True)
class Finding:
    """Something that a page must not have."""

    check: Check
    text: str


@dataclass(frozen=True)
class Weighed:
    """What the first view of a page weighs, and what it may weigh."""

    size: int
    limit: int


@dataclass
class Sheet:
    """One page in one state and one language, and all that was found on it."""

    door: Door
    name: str
    language: str
    weighed: Weighed | None = None
    findings: list[Finding] = field(default_factory=list)

    def add(self, check: Check, *texts: str) -> None:
        """Write findings down."""
        self.findings.extend(Finding(check, text) for text in texts)


#: Bytes; a page's first view is to fit into the first round trip, and what a mail program shows uncut.
LIMITS: Mapping[Door, int] = {
    Door.CARDHOLDER: 14_000,
    Door.ERROR: 14_000,
    Door.BANK: 14_000,
    Door.PORTAL: 20_000,
    Door.PREVIEW: 20_000,
    Door.TESTERS: 40_000,
    Door.DESIGN: 20_000,
    Door.MAIL: 102_000,
}
