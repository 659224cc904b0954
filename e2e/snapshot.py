"""Write down everything that people and programs meet: pages, mails, routes, commands, sentences.

Two snapshots, taken before and after a change that must change nothing, are compared with `diff -r`.
"""

import argparse
import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from bs4 import BeautifulSoup
from flask import Flask
from playwright.sync_api import sync_playwright

from app.cli import caro
from app.i18n import LANGUAGES
from e2e.album import AlbumSection, open_album
from e2e.album.browsers import launch
from e2e.chance import mask_chance
from e2e.mail_gallery import every_kind_of_mail
from e2e.own_server import own_server
from tests.support.mail_parts import part, read


def normalize_page(html: str) -> str:
    """Return a page with a tag a line, its attributes in alphabetical order, and chance masked."""
    return mask_chance(BeautifulSoup(html, "html.parser").prettify())


def write_pages(folder: Path, language: str) -> None:
    """Write every page of the album in one language."""
    with TemporaryDirectory() as servers, sync_playwright() as driver:
        browser = launch(driver)
        for stop in open_album(browser, language, Path(servers)).stops(
            frozenset(AlbumSection) - {AlbumSection.MAIL}
        ):
            name = re.sub(r"[^\w]+", "-", stop.name)
            _write(folder / "pages" / language / f"{stop.door}-{name}.html", normalize_page(stop.html))
        browser.close()


def write_mails(folder: Path, language: str) -> None:
    """Write every mail in one language: its subject, its text, its page."""
    for name, mail in every_kind_of_mail(language):
        text = "\n\n".join((str(read(mail)["Subject"]), part(mail, "plain"), part(mail, "html")))
        _write(folder / "mails" / language / f"{name}.txt", mask_chance(text))


def write_routes(folder: Path) -> None:
    """Write the addresses and methods of both applications."""
    with TemporaryDirectory() as servers, own_server(Path(servers), log_level="CRITICAL") as own:
        for name, app in (("product", own.product), ("bank", own.bank)):
            _write(folder / f"routes-{name}.txt", "\n".join(sorted(_routes(app))))


def _routes(app: Flask) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        yield f"{rule.rule} {' '.join(sorted((rule.methods or set()) - {'HEAD', 'OPTIONS'}))}"


def write_commands(folder: Path) -> None:
    """Write what each command says of itself."""
    _write(folder / "commands.txt", "\n\n".join(_helps(caro, click.Context(caro, info_name="caro"))))


def _helps(command: click.Command, context: click.Context) -> Iterator[str]:
    yield command.get_help(context)
    if isinstance(command, click.Group):
        for name, child in sorted(command.commands.items()):
            yield from _helps(child, click.Context(child, info_name=name, parent=context))


def write_sentences(folder: Path, template: Path) -> None:
    """Write the sentences that are translated, from the file into which they were extracted."""
    entries = re.findall(r'^msgid ((?:".*"\n)+)', template.read_text(), re.MULTILINE)
    _write(folder / "sentences.txt", "\n".join(sorted(entries)))


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{text}\n")


def main() -> None:
    """Write a snapshot into the folder that the command line names."""
    parser = argparse.ArgumentParser(prog="make snapshot", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("sentences", type=Path, help="the template of the catalogues")
    options = parser.parse_args()
    write_commands(options.folder)
    write_sentences(options.folder, options.sentences)
    # A process for each: servers of their own keep temporary files in a folder that goes with them.
    with ProcessPoolExecutor(max_workers=2, max_tasks_per_child=1) as pool:
        tasks = [
            pool.submit(write_routes, options.folder),
            *(pool.submit(write_pages, options.folder, language) for language in LANGUAGES),
            *(pool.submit(write_mails, options.folder, language) for language in LANGUAGES),
        ]
    for task in tasks:
        task.result()


if __name__ == "__main__":
    main()
