"""Every page that can be looked at, as one table, and what a preview is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import abort, g, url_for
from flask_babel.speaklater import LazyString

from app.advice import ADVICE
from app.domain.banks import BANKS, INVITATIONS, SAMPLE_BANKS, ActivationRoute, Bank
from app.domain.failures import Failure
from app.domain.history import MailKind
from app.domain.identifiers import parse_client_reference
from app.domain.order_rules import ActionRefused
from app.domain.states import ActivationState, LinkCondition
from app.i18n import DEFAULT_LANGUAGE, LANGUAGES, _l
from app.portal.sign_in_guard import office_services
from app.web.extensions import services
from app.web.link_pages import PAGES
from app.wording import MAILS


@dataclass(frozen=True)
class PreviewPage:
    """One page to look at: its name, where it is shown, and how it stands by then.

    `state` is what the result page tells; the other pages of the wizard each belong to one state.
    `route` is set where only the banks of one route have the page.
    """

    name: LazyString
    endpoint: str
    state: ActivationState = ActivationState.TERMS_ACCEPTED
    failure: Failure | None = None
    condition: LinkCondition | None = None
    mail: MailKind | None = None
    route: ActivationRoute | None = None

    def is_for_bank(self, bank: Bank) -> bool:
        """Tell whether a cardholder of this bank can meet the page."""
        return self.route in (None, bank.route)


_RESULT = "wizard.show_result"

_WALK: Mapping[str, PreviewPage] = {
    "welcome": PreviewPage(_l("Welcome"), "wizard.show_welcome", route=ActivationRoute.LINK),
    "not-mine": PreviewPage(
        _l("Is this request not for you?"), "wizard.show_wrong_reference", route=ActivationRoute.LINK
    ),
    "card": PreviewPage(_l("Your credit card"), "wizard.show_card_form", route=ActivationRoute.LINK),
    "asking": PreviewPage(
        _l("We are contacting your bank"), "wizard.hand_over_to_bank", route=ActivationRoute.LINK
    ),
    "to-bank": PreviewPage(_l("Going to your bank"), "wizard.hand_over_to_bank", route=ActivationRoute.LINK),
    "signing": PreviewPage(_l("The bank's page"), "show_bank_page", route=ActivationRoute.LINK),
    "back-active": PreviewPage(
        _l("Back in another browser: CARO is active"),
        "show_success_elsewhere",
        ActivationState.ACTIVE,
        route=ActivationRoute.LINK,
    ),
    "back-failed": PreviewPage(
        _l("Back in another browser: not completed"), "show_failure_elsewhere", route=ActivationRoute.LINK
    ),
    "back-waiting": PreviewPage(
        _l("Back in another browser: not known yet"),
        "show_wait_elsewhere",
        ActivationState.AWAITING_BANK,
        route=ActivationRoute.LINK,
    ),
    "back": PreviewPage(
        _l("You are back from your bank"),
        "show_unrecognised",
        ActivationState.EXPIRED,
        route=ActivationRoute.LINK,
    ),
    "on-the-way": PreviewPage(
        _l("We are waiting for your bank, whose page is still open"),
        _RESULT,
        ActivationState.AWAITING_BANK,
        route=ActivationRoute.LINK,
    ),
    "pending": PreviewPage(
        _l("We are waiting for your bank"), _RESULT, ActivationState.AWAITING_BANK, route=ActivationRoute.LINK
    ),
    "active": PreviewPage(
        _l("Your service is active"), _RESULT, ActivationState.ACTIVE, route=ActivationRoute.LINK
    ),
    "how-to": PreviewPage(_l("How to activate"), "show_app_steps", route=ActivationRoute.BANK_APP),
}

_FAILURES: Mapping[str, PreviewPage] = {
    **{
        f"failure-{failure}": PreviewPage(advice.cause, _RESULT, failure=failure, route=ActivationRoute.LINK)
        for failure, advice in ADVICE.items()
    },
    "closed": PreviewPage(
        _l("One refusal too many within 24 hours"),
        _RESULT,
        failure=Failure.REFUSED,
        route=ActivationRoute.LINK,
    ),
}

#: A link of a bank that knows none is unknown, whatever is wrong with it besides.
_LINKS: Mapping[str, PreviewPage] = {
    f"link-{condition}": PreviewPage(
        page.title,
        "wizard.show_welcome",
        condition=condition,
        route=None if condition is LinkCondition.UNKNOWN else ActivationRoute.LINK,
    )
    for condition, page in PAGES.items()
}

_MESSAGES: Mapping[str, PreviewPage] = {
    "message-new_link": PreviewPage(
        _l("A new link was asked for"), "show_new_link_wanted", route=ActivationRoute.LINK
    ),
    "message-unexpected": PreviewPage(
        _l("The request was not expected"), "show_request_unexpected", route=ActivationRoute.LINK
    ),
    "message-again": PreviewPage(
        _l("Your accounting office already has this message"),
        "show_message_again",
        route=ActivationRoute.LINK,
    ),
    "message-outdated": PreviewPage(
        _l("This page is out of date"), "show_message_outdated", route=ActivationRoute.LINK
    ),
}

_ROUTES: Mapping[MailKind, ActivationRoute] = {
    **{kind: route for route, kind in INVITATIONS.items()},
    # Cardholders write to their office on the page that a link opens.
    MailKind.NEW_LINK_WANTED: ActivationRoute.LINK,
    MailKind.REQUEST_UNEXPECTED: ActivationRoute.LINK,
}
_MAILS: Mapping[str, PreviewPage] = {
    f"mail-{kind}": PreviewPage(name, "show_mail", mail=kind, route=_ROUTES.get(kind))
    for kind, name in MAILS.items()
}

#: In the order in which they are offered.
GROUPS: tuple[tuple[LazyString, Mapping[str, PreviewPage]], ...] = (
    (_l("Pages of the activation"), _WALK),
    (_l("When the activation fails"), _FAILURES),
    (_l("When the link does not open"), _LINKS),
    (_l("A message to your office"), _MESSAGES),
    (_l("Emails"), _MAILS),
)
PREVIEW_PAGES: Mapping[str, PreviewPage] = {key: page for _, group in GROUPS for key, page in group.items()}

#: The page with which looking around begins.
FIRST: Mapping[ActivationRoute, str] = {
    ActivationRoute.LINK: "welcome",
    ActivationRoute.BANK_APP: f"mail-{INVITATIONS[ActivationRoute.BANK_APP]}",
}

Groups = list[tuple[LazyString, dict[str, LazyString]]]


def page_groups(bank: Bank) -> Groups:
    """Return the names of all pages that this bank's cardholders can meet, by group; none is empty."""
    groups = (
        (title, {key: page.name for key, page in group.items() if page.is_for_bank(bank)})
        for title, group in GROUPS
    )
    return [(title, names) for title, names in groups if names]


#: Stands for a dossier where an office has none yet; no row has this number.
SAMPLE_DOSSIER = 0
SAMPLE_CODE, SAMPLE_NAME = "ACME", "Acme SA"
SAMPLE_REFERENCE = "6123456789"
SAMPLE_BANK = SAMPLE_BANKS[ActivationRoute.LINK]


@dataclass(frozen=True)
class PreviewSubject:
    """One dossier, bank and reference, seen in one language."""

    dossier_id: int = SAMPLE_DOSSIER
    bank_key: str = SAMPLE_BANK
    reference: str = SAMPLE_REFERENCE
    language: str = DEFAULT_LANGUAGE

    @property
    def bank(self) -> Bank:
        """The bank whose cardholder looks at the pages."""
        return BANKS[self.bank_key]

    @property
    def url_values(self) -> dict[str, Any]:
        """What the address of each page says."""
        return {
            "dossier_id": self.dossier_id,
            "bank": self.bank_key,
            "reference": self.reference,
            "language": self.language,
        }

    @property
    def dossier_title(self) -> tuple[str, str]:
        """The code and the name of the dossier; another office's does not exist."""
        if self.dossier_id == SAMPLE_DOSSIER:
            return SAMPLE_CODE, SAMPLE_NAME
        try:
            offer = office_services().orders.read_order_options(self.dossier_id)
        except ActionRefused:
            abort(404)
        return offer.code, offer.name

    def page_url(self, key: str) -> str:
        """Return the address of a scene."""
        page = PREVIEW_PAGES[key]
        where = {"kind": page.mail} if page.mail else {"public_id": key}
        values = where if page.mail or page.endpoint.startswith("wizard.") else {}
        return url_for(f"preview.{page.endpoint}", **self.url_values, **values)


def sample_subject(key: str, language: str) -> PreviewSubject:
    """Return a subject with which a page can be looked at, whatever the office has."""
    return PreviewSubject(
        bank_key=SAMPLE_BANKS[PREVIEW_PAGES[key].route or ActivationRoute.LINK], language=language
    )


def is_valid_subject(subject: PreviewSubject) -> bool:
    """Tell whether an address speaks of what there is; the dossier is looked up elsewhere."""
    return (
        subject.bank_key in BANKS
        and subject.language in LANGUAGES
        and parse_client_reference(subject.reference) == subject.reference
    )


def current_subject() -> PreviewSubject:
    """Return what the page that is being made is about."""
    return cast("PreviewSubject", g.subject)


def preview_now() -> datetime:
    """Return the moment at which everything in the preview happens."""
    return services().clock()
