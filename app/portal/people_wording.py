"""The words of roles and of news, and of what can be wrong when people are looked after."""

from collections.abc import Mapping

from flask_babel.speaklater import LazyString

from app.domain.history import OfficeEventType
from app.domain.news_rules import NewsChoice
from app.domain.roles import Role
from app.i18n import _l
from app.services.colleagues import (
    AlreadyColleague,
    ClosedColleague,
    InvitedTooOften,
    LastResponsible,
    OwnAccess,
)

ROLES: Mapping[Role, LazyString] = {
    Role.READER: _l("Read only"),
    Role.COLLABORATOR: _l("Collaborator"),
    Role.RESPONSIBLE: _l("Manager"),
}
#: What each role may do, for who chooses one.
ROLE_RIGHTS: Mapping[Role, LazyString] = {
    Role.READER: _l("Read only: sees everything but the cardholders' addresses, and changes nothing"),
    Role.COLLABORATOR: _l("Collaborator: orders, acts on requests and exports"),
    Role.RESPONSIBLE: _l("Manager: also looks after colleagues and the office"),
}

#: What the history of an office says of its people; the rest of its lines are of the list.
EVENTS: Mapping[OfficeEventType, LazyString] = {
    OfficeEventType.SETTINGS_CHANGED: _l("Settings changed"),
    OfficeEventType.COLLEAGUE_INVITED: _l("Colleague invited"),
    OfficeEventType.INVITATION_WITHDRAWN: _l("Invitation cancelled"),
    OfficeEventType.COLLEAGUE_JOINED: _l("Invitation accepted"),
    OfficeEventType.ROLE_CHANGED: _l("Role changed"),
    OfficeEventType.COLLEAGUE_DISABLED: _l("Access closed"),
    OfficeEventType.COLLEAGUE_ENABLED: _l("Access opened again"),
}

NEWS_CHOICES: Mapping[NewsChoice, LazyString] = {
    NewsChoice.PROBLEMS: _l("An email for each problem and each message from a cardholder"),
    NewsChoice.EACH: _l("The same, and an email when CARO is active or an invitation has expired"),
    NewsChoice.DAILY: _l("One email a day, in the morning, if something has happened"),
    NewsChoice.NONE: _l("None"),
}
NO_NEWS_CHOICE = _l("Choose one of the answers.")

REFUSALS: Mapping[type[Exception], LazyString] = {
    AlreadyColleague: _l("This colleague is already in the list of your office."),
    ClosedColleague: _l("The access of this colleague is closed. You can open it again in the list."),
    InvitedTooOften: _l("Your office has invited many colleagues today. Try again tomorrow."),
}
NO_NAME = _l("Enter the name of your colleague.")
NO_ROLE = _l("Choose what your colleague may do.")
#: Why somebody keeps role and access.
KEPT_AS_IT_WAS: Mapping[type[Exception], LazyString] = {
    LastResponsible: _l(
        "Nothing was changed: at least one manager must remain in your office. "
        "Make a colleague manager first."
    ),
    OwnAccess: _l(
        "Nothing was changed: another manager of your office can change your role or close your access."
    ),
}
