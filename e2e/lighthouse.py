"""Measure the pages as a slow phone meets them: `python -m e2e.lighthouse PROGRAM`.

Lighthouse is installed apart. The figures depend on how busy the machine is, so no suite asks for them.
"""

import argparse
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

from app.domain.bank_results import BankResult, TransactionStatus
from e2e.album.album_server import AlbumServer, open_studio
from e2e.album.browsers import launch
from e2e.album.portal_pages import DOSSIER, sign_in
from e2e.browser import launch_args
from tests.support.activation_factory import ACTIVATION_STATES, SIGNED
from tests.support.office import ACCOUNTANT

CATEGORIES = ("performance", "accessibility", "best-practices")
REFUSED = BankResult(TransactionStatus.REJECTED, reason="12")


def pages(page: Page, studio: AlbumServer) -> Iterator[str]:
    """Bring the browser to each page, and name it."""
    page.goto(studio.at("/"))
    yield "home"
    page.goto(studio.link(studio.activation_factory.create_invited()))
    yield "welcome"
    page.goto(f"{page.url.rpartition('/')[0]}/not-mine")
    yield "not my reference"
    for name, result in (("failure", REFUSED), ("active", SIGNED)):
        holder = studio.activation_factory.create_cardholder()
        page.goto(studio.link(holder.public_id))
        home = page.url.rpartition("/")[0]
        if name == "failure":
            yield "card"
        holder.submit()
        studio.clock.advance(seconds=40)
        if name == "failure":
            page.goto(f"{home}/result")
            yield "waiting"
        studio.bank.decides(result)
        studio.services.attempt_results.check_open_attempt(holder.activation)
        page.goto(f"{home}/result")
        yield name
    yield from _portal(page, studio)


def _portal(page: Page, studio: AlbumServer) -> Iterator[str]:
    page.goto(studio.at("/portal/sign-in"))
    yield "portal: sign in"
    for name in ACTIVATION_STATES:
        studio.bank.answer = None
        studio.activation_factory.create(name)
    sign_in(page, studio, ACCOUNTANT)
    yield "portal: list"
    for name, path in (
        ("dossier", f"dossiers/{DOSSIER}"),
        ("order", f"dossiers/{DOSSIER}/order?bank=belfius"),
        ("toolkit", "toolkit"),
        ("messages", "gallery"),
        ("preview", "preview"),
    ):
        page.goto(studio.at(f"/portal/{path}"))
        yield f"portal: {name}"


def measure(program: Path, page: Page) -> Mapping[str, object]:
    """Return what Lighthouse says of a page: its scores of a hundred, and what its first view weighs."""
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies(page.url))
    command = (
        program,
        page.url,
        "--quiet",
        "--output=json",
        f"--only-categories={','.join(CATEGORIES)}",
        f"--extra-headers={json.dumps({'Cookie': cookies})}",
        "--chrome-flags=--headless --no-sandbox --disable-gpu",
    )
    where = {**os.environ, "CHROME_PATH": str((launch_args() or {}).get("executable_path", ""))}
    answer = subprocess.run([*map(str, command)], capture_output=True, text=True, check=True, env=where)
    report = json.loads(answer.stdout)
    assert urls(report) == page.url, f"Lighthouse was led to {urls(report)}"
    scores = {name: round(100 * report["categories"][name]["score"]) for name in CATEGORIES}
    audits = report["audits"]
    return scores | {
        "first paint": audits["first-contentful-paint"]["displayValue"].replace("\u00a0", " "),
        "bytes": round(audits["total-byte-weight"]["numericValue"]),
    }


def urls(report: Mapping[str, str]) -> str:
    """Return where Lighthouse ended up."""
    return report["finalDisplayedUrl"]


def main() -> None:
    """Measure each page, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path)
    parser.add_argument("--only", default="", help="pages whose names have these words in them")
    options = parser.parse_args()
    with TemporaryDirectory() as folder, open_studio(Path(folder)) as studio, sync_playwright() as driver:
        page = launch(driver).new_context(locale="fr-BE").new_page()
        for name in pages(page, studio):
            if options.only in name:
                print(
                    f"{name:24}",
                    *(f"{key} {value};" for key, value in measure(options.program, page).items()),
                )


if __name__ == "__main__":
    main()
