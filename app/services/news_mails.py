"""What accountants are told of: their choice, and the mail of a day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, update

from app.context import Context
from app.domain.news_rules import NewsChoice, last_digest_at
from app.mail.digest import read_digest_lines
from app.mail.outbox import enqueue_digest
from app.models import Accountant
from app.tokens import InvalidToken


@dataclass(frozen=True)
class NewsReader:
    """Somebody whose choice can be changed: by their session, or by a link of a mail."""

    accountant_id: int
    email: str
    choice: NewsChoice


@dataclass(frozen=True)
class NewsService:
    """Choosing what to be told of, and queueing the mails of a day."""

    context: Context

    def find_reader(self, token: str) -> NewsReader | None:
        """Return whose choice a mailed link changes; None where it is none of ours, or they have left."""
        try:
            return self.read_choice(self.context.tokens.read_news_token(token))
        except InvalidToken:
            return None

    def read_choice(self, accountant_id: int) -> NewsReader | None:
        """Return what somebody has chosen."""
        query = select(Accountant.id, Accountant.email, Accountant.news).where(
            Accountant.id == accountant_id, Accountant.disabled_at.is_(None)
        )
        with self.context.database.read_connection() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else NewsReader(*row)

    def choose(self, accountant_id: int, choice: NewsChoice, language: str | None = None) -> None:
        """Keep a choice, and a language that comes with it; a day's first mail tells of what follows."""
        own = update(Accountant).where(Accountant.id == accountant_id)
        changed = own.where(Accountant.news != choice)
        with self.context.database.write_connection() as connection:
            connection.execute(changed.values(news=choice, news_since=self.context.clock()))
            if language:
                connection.execute(own.values(language=language))

    def queue_due_digests(self, goes_on: Callable[[], bool] = lambda: True) -> int:
        """Queue the mails of the day that are due; after an interruption one tells of all days."""
        return self._queue_digests(last_digest_at(self.context.clock()), goes_on)

    def queue_digests_now(self) -> int:
        """Queue them for what has happened until now, as testers want to see it."""
        return self._queue_digests(self.context.clock(), lambda: True)

    def _queue_digests(self, until: datetime, goes_on: Callable[[], bool]) -> int:
        due = select(Accountant.id, Accountant.office_id, Accountant.news_since).where(*_due(until))
        if self.context.office_id is not None:
            due = due.where(Accountant.office_id == self.context.office_id)
        with self.context.database.read_connection() as connection:
            rows = connection.execute(due).all()
        return sum(self._queue_digest(row.id, row.news_since, until) for row in rows if goes_on())

    def _queue_digest(self, accountant_id: int, since: datetime, until: datetime) -> bool:
        """Take the time up to here, once, whoever else wants it too; no mail where nothing happened."""
        taken = update(Accountant).where(
            Accountant.id == accountant_id, Accountant.news_since == since, *_due(until)
        )
        with self.context.database.write_connection() as connection:
            claimed = taken.values(news_since=until).returning(Accountant.id)
            if connection.execute(claimed).one_or_none() is None:
                return False
            if not read_digest_lines(connection, accountant_id, since, until):
                return False
            enqueue_digest(connection, accountant_id, since, until, self.context.clock())
        return True


def _due(until: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Accountant.news == NewsChoice.DAILY,
        Accountant.disabled_at.is_(None),
        Accountant.news_since < until,
    )
