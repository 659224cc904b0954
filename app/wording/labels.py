"""The word for where a request stands, as accountants read it."""

from collections.abc import Mapping

from flask_babel.speaklater import LazyString

from app.domain.states import StatusLabel
from app.i18n import _l

LABELS: Mapping[StatusLabel, LazyString] = {
    StatusLabel.CANCELLED: _l("Cancelled"),
    StatusLabel.ACTIVE: _l("Active"),
    StatusLabel.EXPIRED: _l("Invitation expired"),
    StatusLabel.PROBLEM: _l("Problem"),
    StatusLabel.INVITATION_SENT: _l("Invitation sent"),
    StatusLabel.NOT_ORDERED: _l("Not ordered"),
}
