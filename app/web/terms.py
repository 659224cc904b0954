"""The conditions: versioned, complete in each language, at an address that never changes."""

import hashlib
from functools import cache
from pathlib import Path

from markupsafe import Markup

from app.domain.states import CURRENT_TERMS
from app.i18n import LANGUAGES

CURRENT = CURRENT_TERMS
VERSIONS = frozenset({CURRENT})
_FOLDER = Path(__file__).resolve().parent.parent / "templates" / "terms"


class UnknownTerms(LookupError):
    """There are no conditions of this version in this language."""


@cache
def terms_text(language: str, version: str = CURRENT) -> Markup:
    """Return the conditions as they are shown; raise UnknownTerms."""
    if version not in VERSIONS or language not in LANGUAGES:
        raise UnknownTerms
    # The fragments are our own files, so marking them safe trusts nobody else.
    return Markup((_FOLDER / version / f"{language}.html").read_text("utf-8"))  # noqa: S704


@cache
def terms_sha256(language: str, version: str = CURRENT) -> str:
    """Return the hash of the conditions as they are shown, kept as evidence with the consent."""
    return hashlib.sha256(terms_text(language, version).encode()).hexdigest()
