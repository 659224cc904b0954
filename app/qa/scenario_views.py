"""Scenarios as testers read and search them: what happens, and what the last page says."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from flask_babel.speaklater import LazyString

from app.domain.cards import CardProblem
from app.domain.failures import FAILURES, Failure
from app.domain.history import EventType, MailKind
from app.domain.reminder_schedule import REMINDERS
from app.domain.states import ActivationState, LinkCondition, StatusLabel
from app.domain.typed_text import fold_text
from app.i18n import LANGUAGES, _l, override_locale
from app.simulation.scenarios import (
    SCENARIOS,
    BankPageRoute,
    Scenario,
    ScenarioSection,
    ServerReply,
    group_card_number,
)
from app.web.extensions import services
from app.web.link_pages import PAGES
from app.wording import APP_BANK_LIST, CHECKS, HEADINGS, LABELS, NOW, NUMBERS, OUTCOMES, PROBLEMS, UNDER

#: What differs from request to request is written so: references, offices, days.
REFERENCE = "xxxxx"
_BLANKS = {"reference": REFERENCE, "office": "…", "moment": "…", "end": "…"}


@dataclass(frozen=True)
class FinalPageText:
    """The message, the line under it if there is one, what the page adds to help, what leads there."""

    message: str
    under: str = ""
    help: tuple[str, ...] = ()
    why: str = ""

    @property
    def visible_text(self) -> str:
        """The message as it stands on the page."""
        return "\n".join(filter(None, (self.message, self.under)))


#: The two pages that tell no failure, and no closed link.
_ACTIVE_TITLE = _l("Your service is active")
_PENDING_TITLE = _l("We are waiting for your bank")


def final_page_texts(scenario: Scenario, label: LazyString) -> Mapping[str, FinalPageText]:
    """Return what a scenario's last page says in each language; `label` where the person sees no page."""
    texts = {}
    for language in LANGUAGES:
        with override_locale(language):
            texts[language] = replace(_final_page_text(scenario, label), why=str(scenario.why))
    return texts


def _final_page_text(scenario: Scenario, label: LazyString) -> FinalPageText:
    if scenario.section is ScenarioSection.BANK_APP:
        return FinalPageText(str(label))
    return _SAY[type(scenario.page)](scenario.page)


def _failure_text(failure: Failure) -> FinalPageText:
    page = FAILURES[failure]
    checks = (CHECKS[item] for item in page.items)
    lines = (f"{check.title}: {check.advice}" for check in checks)
    help_lines = (str(OUTCOMES[page.message]), *lines, str(NOW[failure]))
    message = str(HEADINGS[page.message]) % _BLANKS
    return FinalPageText(message, str(UNDER[page.message] or ""), help_lines)


def _closed_link_text(condition: LinkCondition) -> FinalPageText:
    page = PAGES[condition]
    words = _BLANKS | {"count": str(NUMBERS[services().settings.caps.refusals_a_day])}
    return FinalPageText(str(page.title), str(page.text) % words, (str(page.advice) % words,))


_SAY: Mapping[type, Callable[..., FinalPageText]] = {
    Failure: _failure_text,
    CardProblem: lambda problem: FinalPageText(str(PROBLEMS[problem])),
    LinkCondition: _closed_link_text,
    ActivationState: lambda state: FinalPageText(str(_PENDING_TITLE)),
    type(None): lambda none: FinalPageText(str(_ACTIVE_TITLE)),
}


@dataclass(frozen=True)
class ScenarioOutcome:
    """How a request stands once the scenario has been walked from its invitation on."""

    state: ActivationState
    label: StatusLabel
    events: tuple[EventType, ...] = ()
    mails: tuple[MailKind, ...] = ()


_ACCEPTED = EventType.TERMS_ACCEPTED
_CONFIRMED = (EventType.ACTIVATED, EventType.MAIL_SENT, EventType.ADDRESS_ERASED)
_EXPIRED = (EventType.EXPIRED, EventType.ADDRESS_ERASED)
_REMINDED = (EventType.MAIL_SENT,) * len(REMINDERS)
_UNTOUCHED = ScenarioOutcome(ActivationState.INVITED, StatusLabel.INVITATION_SENT)
_ACTIVE = ScenarioOutcome(
    ActivationState.ACTIVE, StatusLabel.ACTIVE, (_ACCEPTED, *_CONFIRMED), (MailKind.CONFIRMATION,)
)
_OVER = ScenarioOutcome(ActivationState.EXPIRED, StatusLabel.EXPIRED, (*_REMINDED, *_EXPIRED), REMINDERS)

_LINKS: Mapping[LinkCondition | ActivationState, ScenarioOutcome] = {
    LinkCondition.ALTERED: _UNTOUCHED,
    LinkCondition.UNKNOWN: _UNTOUCHED,
    LinkCondition.MISSING: _UNTOUCHED,
    LinkCondition.EXPIRED: _OVER,
    LinkCondition.REPLACED: ScenarioOutcome(
        ActivationState.INVITED,
        StatusLabel.INVITATION_SENT,
        (EventType.LINK_REPLACED, EventType.MAIL_SENT),
        (MailKind.INVITATION,),
    ),
    LinkCondition.WITHDRAWN: ScenarioOutcome(
        ActivationState.CANCELLED, StatusLabel.CANCELLED, (EventType.ADDRESS_ERASED, EventType.CANCELLED)
    ),
    LinkCondition.ACTIVE: _ACTIVE,
    LinkCondition.STOPPED: replace(
        _ACTIVE,
        state=ActivationState.REVOKED,
        label=StatusLabel.CANCELLED,
        events=(*_ACTIVE.events, EventType.REVOKED),
    ),
    LinkCondition.LOCKED: ScenarioOutcome(
        ActivationState.TERMS_ACCEPTED, StatusLabel.PROBLEM, (_ACCEPTED, *(EventType.ATTEMPT_FAILED,) * 5)
    ),
    ActivationState.AWAITING_BANK: ScenarioOutcome(
        ActivationState.AWAITING_BANK, StatusLabel.INVITATION_SENT, (_ACCEPTED,)
    ),
}

_IN_APP: Mapping[ActivationState | None, ScenarioOutcome] = {
    None: ScenarioOutcome(ActivationState.ACTIVE, StatusLabel.ACTIVE, _CONFIRMED, (MailKind.CONFIRMATION,)),
    ActivationState.INVITED: ScenarioOutcome(
        ActivationState.INVITED, StatusLabel.PROBLEM, (EventType.REFUSED_IN_APP,)
    ),
    ActivationState.EXPIRED: _OVER,
}


def scenario_outcome(scenario: Scenario) -> ScenarioOutcome:
    """Return what a scenario leaves behind."""
    match scenario.page:
        case Failure():
            label = StatusLabel.PROBLEM if scenario.problem else StatusLabel.INVITATION_SENT
            return ScenarioOutcome(
                ActivationState.TERMS_ACCEPTED, label, (_ACCEPTED, EventType.ATTEMPT_FAILED)
            )
        case CardProblem():
            return ScenarioOutcome(ActivationState.TERMS_ACCEPTED, StatusLabel.INVITATION_SENT, (_ACCEPTED,))
        case LinkCondition():
            return _LINKS[scenario.page]
        case page if scenario.section is ScenarioSection.BANK_APP:
            return _IN_APP[page]
        case ActivationState():
            return _LINKS[scenario.page]
        case None:
            return _ACTIVE


SECTIONS: Mapping[ScenarioSection, LazyString] = {
    ScenarioSection.BEFORE_THE_BANK: _l("Refused before the bank's page"),
    ScenarioSection.AT_THE_BANK: _l("Ends at the bank"),
    ScenarioSection.AFTER_THE_SIGNATURE: _l("After a good signature"),
    ScenarioSection.MISBEHAVING_BANK: _l("The bank misbehaves"),
    ScenarioSection.LINK: _l("The link itself"),
    ScenarioSection.BANK_APP: _l("%(banks)s: in the bank's app", banks=APP_BANK_LIST),
}

_ROUTES: Mapping[BankPageRoute, LazyString] = {
    BankPageRoute.SIGN: _l(
        "Type the card, and sign at the bank with the toy reader: M2, challenge, PIN 1234."
    ),
    BankPageRoute.WRONG_RESPONSES: _l("Type the card, and type a wrong response three times at the bank."),
    BankPageRoute.CANCEL: _l("Type the card, and press Cancel at the bank."),
    BankPageRoute.LEAVE: _l(
        "Type the card, go to the bank and leave its page open: age the request to the bank's time."
    ),
    BankPageRoute.ARRIVE_LATE: _l("Type the card, and wait thirty seconds before you go on to the bank."),
    BankPageRoute.NONE: _l("Type the card: the bank answers straight away, and its page is not shown."),
}
_WITHOUT_CARD: Mapping[ScenarioSection, LazyString] = {
    ScenarioSection.LINK: _l("Open the link: it is made so that it shows this page."),
    ScenarioSection.BANK_APP: _l("Answer in the bank's app, or let time go by: there is no link."),
}


@dataclass(frozen=True)
class ScenarioView:
    """One scenario with everything that is told of it."""

    scenario: Scenario

    @property
    def cards(self) -> Sequence[str]:
        """The card numbers as they are printed."""
        return [group_card_number(card) for card in self.scenario.cards]

    @property
    def walk_text(self) -> LazyString:
        """What the tester does."""
        return _WITHOUT_CARD.get(self.scenario.section, _ROUTES[self.scenario.route])

    @property
    def outcome(self) -> ScenarioOutcome:
        """What is left behind."""
        return scenario_outcome(self.scenario)

    @property
    def label(self) -> LazyString:
        """What the accountant reads."""
        return LABELS[self.outcome.label]

    @cached_property
    def texts_by_language(self) -> Mapping[str, FinalPageText]:
        """What the cardholder reads, by language."""
        return final_page_texts(self.scenario, self.label)

    @property
    def has_page(self) -> bool:
        """Whether a request can be brought to its last page; a field is told off where it is typed."""
        return self.scenario.reply is not ServerReply.NEVER_ASKED or self.scenario.section in _WITHOUT_CARD

    @property
    def search_texts(self) -> tuple[str, ...]:
        """Everything that it can be found by, the telling first: key, cards, why, message, help."""
        scenario, texts = self.scenario, self.texts_by_language.values()
        return (
            scenario.key,
            "\n".join([*scenario.cards, *(f" {card[-4:]} " for card in scenario.cards)]),
            "\n".join(text.why for text in texts),
            "\n".join(text.visible_text for text in texts),
            "\n".join(line for text in texts for line in text.help),
        )


def list_scenarios() -> Sequence[ScenarioView]:
    """Return all scenarios in the order of the table."""
    return [ScenarioView(scenario) for scenario in SCENARIOS.values()]


def search_scenarios(looked_for: str) -> Sequence[ScenarioView]:
    """Return the scenarios that say what is looked for, whatever its case and accents; the telling first.

    Where none has every word, those with most of them: a copied message names a day, an office, a reference.
    """
    phrase = normalize_search(looked_for)
    texts = {view: [*map(normalize_search, view.search_texts)] for view in list_scenarios()}
    found = {view: [phrase in text for text in parts] for view, parts in texts.items()}
    if exact := [view for view, hits in found.items() if any(hits)]:
        return sorted(exact, key=lambda view: found[view].index(True))
    words = frozenset(_WORD.findall(phrase))
    scores = {view: len(words.intersection(_WORD.findall("\n".join(texts[view])))) for view in texts}
    best = max(scores.values())
    return [view for view, score in scores.items() if score == best > 0]


def normalize_search(text: str) -> str:
    """Write a text as it is compared: a reference as the table writes it, card numbers without spaces."""
    bare = _CARD.sub(lambda digits: _SPACES.sub("", digits[0]), text)
    return fold_text(_REFERENCE.sub(REFERENCE, bare))


_WORD = re.compile(r"\w+")
_SPACES = re.compile(r"\s")
_CARD = re.compile(r"\d(?:[ \u00a0]?\d){5,18}")
_REFERENCE = re.compile(r"\b[67]\d{9}\b")
