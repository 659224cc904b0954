"""Draw every mail as a narrow and a wide screen show it, by day and by night."""

import argparse
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, sync_playwright

from app.domain.history import MailKind
from app.i18n import LANGUAGES
from e2e.browser import launch_args
from tests.support.mail_parts import INVITED, REFUSAL, letter_in, part, writing

WIDTHS = (320, 640)
SCHEMES: Sequence[Literal["light", "dark"]] = ("light", "dark")

#: Kinds that read differently where the bank has an app of its own, and what has happened there.
IN_THE_APP: dict[MailKind, dict[str, object]] = {
    MailKind.FIRST_REMINDER: {},
    MailKind.CONFIRMATION: {"accepted_terms": None},
    MailKind.PROBLEM: {"refused_at": INVITED},
    MailKind.INVITATION_UNDELIVERED: {},
}


def every_kind_of_mail(language: str) -> Iterator[tuple[str, bytes]]:
    """Yield each kind of mail, as its name and as it leaves."""
    with writing(REFUSAL) as compose:
        for kind in MailKind:
            yield kind, compose(letter_in(language, kind))
    with writing(None) as compose:
        for kind, changes in IN_THE_APP.items():
            yield f"{kind}_in_the_app", compose(letter_in(language, kind, bank_key="kbc", **changes))


def every_mail(language: str) -> Iterator[tuple[str, str]]:
    """Yield each kind of mail, as its name and its page."""
    for name, mail in every_kind_of_mail(language):
        yield name, part(mail, "html")


def draw(page: Page, folder: Path, languages: Sequence[str]) -> None:
    """Write a picture of each mail, language, width and scheme."""
    for language in languages:
        for (name, html), width, scheme in product(every_mail(language), WIDTHS, SCHEMES):
            page.set_viewport_size({"width": width, "height": 640})
            page.emulate_media(color_scheme=scheme)
            page.set_content(html)
            page.screenshot(path=folder / f"{name}-{language}-{width}-{scheme}.png", full_page=True)


def main() -> None:
    """Draw French and Dutch, or all languages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--all", action="store_true", help="all languages, not French and Dutch alone")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(**(launch_args() or {}))
        draw(browser.new_page(), options.folder, list(LANGUAGES) if options.all else ["fr", "nl"])
        browser.close()


if __name__ == "__main__":
    main()
