"""What has happened to the requests that somebody is told of, for the mail of a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel.speaklater import LazyString
from sqlalchemy import ColumnElement, Connection, bindparam, or_, select

from app.db import bind_moment
from app.domain.history import EventType
from app.domain.news_rules import DIGEST_EVENTS
from app.i18n import _l
from app.models import Accountant, Activation, Dossier, Event, Office
from app.models.office import select_contact_id

#: One mail names no more of them.
MOST_LINES = 100
#: What each kind of news is headed by.
DIGEST_HEADINGS: Mapping[EventType, LazyString] = {
    EventType.OFFICE_MESSAGE: _l("Messages from cardholders"),
    EventType.ATTEMPT_FAILED: _l("Activation failed"),
    EventType.REFUSED_IN_APP: _l("Refused in the bank's app"),
    EventType.ACTIVATED: _l("CARO is active"),
    EventType.EXPIRED: _l("Invitation expired"),
}


@dataclass(frozen=True)
class DigestLine:
    """One thing that happened to a request, the last time that it did."""

    event_type: EventType
    public_id: str
    client_reference: str
    dossier_code: str
    dossier_name: str


#: Somebody is told of a request that is theirs, or of all of the office.
IS_CONCERNED: ColumnElement[bool] = or_(Office.news_for_all, Accountant.id == select_contact_id())


_LINES = (
    select(
        Event.event_type,
        Activation.public_id,
        Activation.client_reference,
        Dossier.code,
        Dossier.name,
    )
    .join(Activation, Activation.id == Event.activation_id)
    .join(Dossier, Dossier.id == Activation.dossier_id)
    .join(Office, Office.id == Activation.office_id)
    .join(Accountant, Accountant.office_id == Office.id)
    .where(
        Accountant.id == bindparam("accountant"),
        Event.event_type.in_(DIGEST_EVENTS),
        Event.at >= bind_moment("since"),
        Event.at < bind_moment("until"),
        # What failed and was mended meanwhile is no news.
        or_(Event.event_type != EventType.ATTEMPT_FAILED, Activation.problem),
        IS_CONCERNED,
    )
    .order_by(Event.id)
)


def read_digest_lines(
    connection: Connection, accountant_id: int, since: datetime, until: datetime
) -> Sequence[DigestLine]:
    """Return what happened in a time that includes its beginning, each kind once a request."""
    found = connection.execute(_LINES, {"accountant": accountant_id, "since": since, "until": until})
    lines = dict.fromkeys(DigestLine(*row) for row in found)
    return sorted(lines, key=lambda line: DIGEST_EVENTS.index(line.event_type))
