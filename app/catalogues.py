"""The compiled catalogues: how one is read, and what is wrong with one that cannot be spoken from."""

import shlex
import struct
import sys
from collections.abc import Iterable
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel import Locale
from babel.messages.pofile import read_po

from app.paths import CATALOGUES

#: The language of the msgids, which needs no catalogue.
SOURCE = "en"

_LITTLE_ENDIAN = b"\xde\x12\x04\x95"
#: What a damaged catalogue raises when it is read.
_UNREADABLE = (OSError, ValueError, LookupError, struct.error)


class BadCatalogues(SystemExit):
    """A language cannot be spoken; one line that names it, and the command that compiles the catalogues."""

    def __init__(self, faults: Iterable[str], folder: Path) -> None:
        compiler = (sys.executable, "-m", "babel.messages.frontend", "compile", "--directory", str(folder))
        super().__init__(f"caro: will not start: {'; '.join(faults)}; compile with: {shlex.join(compiler)}")


@cache
def load_catalogue(language: str, folder: Path = CATALOGUES) -> NullTranslations:
    """Return the sentences of a language."""
    if language == SOURCE:
        return NullTranslations()
    with _compiled(language, folder).open("rb") as file:
        return GNUTranslations(file)


def find_faults(languages: Iterable[str], folder: Path) -> list[str]:
    """Say of each language that would be answered in English what is wrong with its catalogue."""
    found = ((language, _find_fault(language, folder)) for language in languages if language != SOURCE)
    return [f"the {Locale(language).english_name} catalogue {fault}" for language, fault in found if fault]


def _find_fault(language: str, folder: Path) -> str | None:
    compiled = _compiled(language, folder)
    if not compiled.exists():
        return "is missing"
    try:
        catalogue = load_catalogue(language, folder)
        sentences = _count_sentences(compiled)
    except _UNREADABLE:
        return "cannot be read"
    if catalogue.info().get("language") != language:
        return "is of another language"
    if not sentences:
        return "has no translations yet"
    return "is older than its source" if _lags_behind(catalogue, compiled) else None


def _count_sentences(compiled: Path) -> int:
    """Read the number of entries in the head of the file; the first entry is no sentence."""
    head = compiled.read_bytes()[:12]
    return int.from_bytes(head[8:], "little" if head.startswith(_LITTLE_ENDIAN) else "big") - 1


def _lags_behind(catalogue: NullTranslations, compiled: Path) -> bool:
    """Whether the source has another translation; an installation has no sources."""
    source = compiled.with_suffix(".po")
    # A source that was only copied or checked out again is younger too: what counts is what it says.
    if not source.exists() or source.stat().st_mtime <= compiled.stat().st_mtime:
        return False
    with source.open("rb") as file:
        translated = [message for message in read_po(file) if message.id and message.string]
    return any(
        catalogue.gettext(str(message.id)) != message.string for message in translated if not message.fuzzy
    )


def _compiled(language: str, folder: Path) -> Path:
    return folder / language / "LC_MESSAGES" / "messages.mo"
