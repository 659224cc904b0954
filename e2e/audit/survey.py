"""Walk through the album in one language and write down what is found on each page."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from e2e.album import AlbumPage, AlbumSection, open_album
from e2e.album.browsers import launch
from e2e.audit.access import violations
from e2e.audit.found import LIMITS, AuditCheck, AuditReport, MeasuredPage
from e2e.audit.reading import PHONE, complaints
from e2e.audit.served import RecordedResponse, ResponseRecorder
from e2e.audit.validator import KINDS, validate


def survey(language: str, doors: frozenset[AlbumSection]) -> Sequence[AuditReport]:
    """Look at every page behind these doors."""
    with TemporaryDirectory() as folder, sync_playwright() as driver:
        pages = Path(folder)
        for kind in KINDS:
            (pages / kind).mkdir()
        browser = launch(driver)
        recorder = ResponseRecorder()
        album = open_album(browser, language, pages, recorder.watch, viewport=PHONE)
        surveyed = _AuditRun(language, pages, recorder)
        for stop in album.stops(doors):
            surveyed.look(stop)
        browser.close()
        surveyed.read(validate(pages).items())
        return surveyed.sheets


class _AuditRun:
    """What is known so far of the pages in one language."""

    def __init__(self, language: str, folder: Path, recorder: ResponseRecorder) -> None:
        self.sheets: list[AuditReport] = []
        self._language = language
        self._folder = folder
        self._recorder = recorder
        self._files: dict[Path, AuditReport] = {}

    def look(self, stop: AlbumPage) -> None:
        """Look at one page, as it stands in the browser and as it was sent."""
        sheet = AuditReport(stop.door, stop.name, self._language)
        self.sheets.append(sheet)
        # Axe moves nothing, so the page is read as it came after it; what is read moves the focus.
        sheet.add(AuditCheck.AXE, *violations(stop.page))
        if stop.door is AlbumSection.MAIL:
            self._weigh(sheet, len(stop.html.encode()))
            self._keep(sheet, "mails", stop.html)
        else:
            self._look_at_answer(sheet, self._recorder.sent(stop.page))
            for probe, texts in complaints(stop.page, self._language).items():
                sheet.add(AuditCheck.READING, *(f"{probe}: {text}" for text in texts))

    def _look_at_answer(self, sheet: AuditReport, sent: RecordedResponse) -> None:
        self._weigh(sheet, sent.weight().total)
        sheet.add(AuditCheck.HTML, *sent.unsound(sheet.door))
        self._keep(sheet, "pages", sent.html)

    def _weigh(self, sheet: AuditReport, size: int) -> None:
        limit = LIMITS[sheet.door]
        sheet.weighed = MeasuredPage(size, limit)
        if size >= limit:
            sheet.add(AuditCheck.WEIGHT, f"{size} bytes, and {limit} are the limit")

    def _keep(self, sheet: AuditReport, kind: str, html: str) -> None:
        """Keep a page for the validator, which reads all of them at once."""
        file = self._folder / kind / f"{len(self.sheets):04d}.html"
        file.write_text(html)
        self._files[file] = sheet

    def read(self, found: Iterable[tuple[Path, Sequence[str]]]) -> None:
        """Write down what the validator says of the pages that were kept."""
        for file, texts in found:
            self._files[file].add(AuditCheck.HTML, *texts)
