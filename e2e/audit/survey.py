"""Walk through the album in one language and write down what is found on each page."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from e2e.album import Door, Stop, open_album
from e2e.album.browsers import launch
from e2e.audit.access import violations
from e2e.audit.found import LIMITS, Check, Sheet, Weighed
from e2e.audit.reading import PHONE, complaints
from e2e.audit.served import Recorder, Sent
from e2e.audit.validator import KINDS, validate


def survey(language: str, doors: frozenset[Door]) -> Sequence[Sheet]:
    """Look at every page behind these doors."""
    with TemporaryDirectory() as folder, sync_playwright() as driver:
        pages = Path(folder)
        for kind in KINDS:
            (pages / kind).mkdir()
        browser = launch(driver)
        recorder = Recorder()
        album = open_album(browser, language, pages, recorder.watch, viewport=PHONE)
        surveyed = _Survey(language, pages, recorder)
        for stop in album.stops(doors):
            surveyed.look(stop)
        browser.close()
        surveyed.read(validate(pages).items())
        return surveyed.sheets


class _Survey:
    """What is known so far of the pages in one language."""

    def __init__(self, language: str, folder: Path, recorder: Recorder) -> None:
        self.sheets: list[Sheet] = []
        self._language = language
        self._folder = folder
        self._recorder = recorder
        self._files: dict[Path, Sheet] = {}

    def look(self, stop: Stop) -> None:
        """Look at one page, as it stands in the browser and as it was sent."""
        sheet = Sheet(stop.door, stop.name, self._language)
        self.sheets.append(sheet)
        # Axe moves nothing, so the page is read as it came after it; what is read moves the focus.
        sheet.add(Check.AXE, *violations(stop.page))
        if stop.door is Door.MAIL:
            self._weigh(sheet, len(stop.html.encode()))
            self._keep(sheet, "mails", stop.html)
        else:
            self._look_at_answer(sheet, self._recorder.sent(stop.page))
            for probe, texts in complaints(stop.page, self._language).items():
                sheet.add(Check.READING, *(f"{probe}: {text}" for text in texts))

    def _look_at_answer(self, sheet: Sheet, sent: Sent) -> None:
        self._weigh(sheet, sent.weight().total)
        sheet.add(Check.HTML, *sent.unsound(sheet.door))
        self._keep(sheet, "pages", sent.html)

    def _weigh(self, sheet: Sheet, size: int) -> None:
        limit = LIMITS[sheet.door]
        sheet.weighed = Weighed(size, limit)
        if size >= limit:
            sheet.add(Check.WEIGHT, f"{size} bytes, and {limit} are the limit")

    def _keep(self, sheet: Sheet, kind: str, html: str) -> None:
        """Keep a page for the validator, which reads all of them at once."""
        file = self._folder / kind / f"{len(self.sheets):04d}.html"
        file.write_text(html)
        self._files[file] = sheet

    def read(self, found: Iterable[tuple[Path, Sequence[str]]]) -> None:
        """Write down what the validator says of the pages that were kept."""
        for file, texts in found:
            self._files[file].add(Check.HTML, *texts)
