"""The conditions as they are published: a version in a language has one text, for ever."""

import re
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.context import Context
from app.db import Database
from app.domain.terms import Terms
from app.i18n import LANGUAGES
from app.models import PublishedTerms

_VERSION = re.compile(r"[0-9-]{1,16}", re.ASCII)


class TermsChanged(SystemExit):
    """A published version would get another text; one line that names it, and what to do."""

    def __init__(self, version: str) -> None:
        super().__init__(
            f"caro: will not start: the conditions of version {version} were published with another text "
            "(CARO_OPERATOR_*, CARO_LINK_DAYS or the wording); undo the change, or give CARO_TERMS_VERSION "
            "the date of the new text"
        )


class UnknownTerms(LookupError):
    """There are no conditions of this version in this language."""


@dataclass(frozen=True)
class TermsService:
    """Publish the conditions, and read any version of them; `shipped` is what this product would show."""

    context: Context
    shipped: tuple[Terms, ...]

    def current(self, language: str) -> Terms:
        """Return today's conditions."""
        version = self.context.policy.terms_version
        return next(terms for terms in self.shipped if (terms.version, terms.language) == (version, language))

    def publish(self) -> None:
        """Publish what is not yet published; raise TermsChanged where a version has another text."""
        if missing := find_unpublished(self.context.database, self.shipped):
            # Of several processes that start at once, one publishes.
            with suppress(IntegrityError), self.context.database.transaction() as session:
                session.add_all(
                    PublishedTerms(**vars(terms), sha256=terms.sha256, published_at=self.context.clock())
                    for terms in missing
                )
            find_unpublished(self.context.database, self.shipped)

    def read(self, version: str, language: str) -> str:
        """Return the text of any version; raise UnknownTerms."""
        # No database is asked for what none can hold, such as a NUL.
        if language not in LANGUAGES or not _VERSION.fullmatch(version):
            raise UnknownTerms
        query = select(PublishedTerms.text).where(
            PublishedTerms.version == version, PublishedTerms.language == language
        )
        with self.context.database.read_connection() as connection:
            text = connection.execute(query).scalar_one_or_none()
        if text is None:
            raise UnknownTerms
        return text


def find_unpublished(database: Database, shipped: tuple[Terms, ...]) -> list[Terms]:
    """Return what is not yet published; raise TermsChanged where a version has another text."""
    query = select(PublishedTerms.version, PublishedTerms.language, PublishedTerms.sha256)
    with database.read_connection() as connection:
        hashes = {(row.version, row.language): row.sha256 for row in connection.execute(query)}
    missing = []
    for terms in shipped:
        published = hashes.get((terms.version, terms.language))
        if published is None:
            missing.append(terms)
        elif published != terms.sha256:
            raise TermsChanged(terms.version)
    return missing
