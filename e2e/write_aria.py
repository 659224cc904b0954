"""Write down what is heard on each page of the album, for a review of what has changed."""

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from e2e.album import open_album
from e2e.album.browsers import launch
from e2e.album.heard import DOORS, LANGUAGE, HeardPages
from e2e.audit.reading import PHONE


def main() -> None:
    """Walk through the album once, and write its pages."""
    with TemporaryDirectory() as folder, sync_playwright() as driver:
        browser, heard = launch(driver), HeardPages()
        for stop in open_album(browser, LANGUAGE, Path(folder), viewport=PHONE).stops(DOORS):
            heard.hear(stop)
        heard.write()
        browser.close()


if __name__ == "__main__":
    main()
