"""The word for where a request stands, as accountants read it."""

from collections.abc import Mapping

from flask_babel.speaklater import LazyString

from app.domain.labels import Label
from app.i18n import _l

LABELS: Mapping[Label, LazyString] = {
    Label.CANCELLED: _l("Cancelled"),
    Label.ACTIVE: _l("Active"),
    Label.EXPIRED: _l("Invitation expired"),
    Label.PROBLEM: _l("Problem"),
    Label.INVITATION_SENT: _l("Invitation sent"),
    Label.NOT_ORDERED: _l("Not ordered"),
}
