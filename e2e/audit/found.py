"""What the audit writes down of each page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from e2e.album import AlbumSection


class AuditCheck(StrEnum):
    """What is looked at; the heading of a column."""

    AXE = "axe"
    HTML = "HTML"
    READING = "reading"
    WEIGHT = "weight"


@dataclass(frozen=True)
class AuditFinding:
    """Something that a page must not have."""

    check: AuditCheck
    text: str


@dataclass(frozen=True)
class MeasuredPage:
    """What the first view of a page weighs, and what it may weigh."""

    size: int
    limit: int


@dataclass
class AuditReport:
    """One page in one state and one language, and all that was found on it."""

    door: AlbumSection
    name: str
    language: str
    weighed: MeasuredPage | None = None
    findings: list[AuditFinding] = field(default_factory=list)

    def add(self, check: AuditCheck, *texts: str) -> None:
        """Write findings down."""
        self.findings.extend(AuditFinding(check, text) for text in texts)


#: Bytes; a page's first view is to fit into the first round trip, and what a mail program shows uncut.
LIMITS: Mapping[AlbumSection, int] = {
    AlbumSection.CARDHOLDER: 12_500,
    AlbumSection.ERROR: 14_000,
    AlbumSection.BANK: 14_000,
    AlbumSection.PORTAL: 20_000,
    AlbumSection.PREVIEW: 20_000,
    AlbumSection.TESTERS: 40_000,
    AlbumSection.DESIGN: 20_000,
    AlbumSection.MAIL: 102_000,
}
