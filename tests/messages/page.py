"""The page as a whole: what goes where stands in the template beside this file."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from flask import Flask
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app import localized_templates
from app.advice import ADVICE
from app.domain.banks import BANKS, ActivationRoute, RefusalStyle
from app.domain.caps import Caps
from app.domain.cards import CardProblem
from app.domain.failures import FAILURES, Failure, FailureMessage
from app.domain.states import ActivationState, LinkCondition
from app.i18n import LANGUAGES, format_date, format_time, override_locale
from app.simulation.scenarios import (
    PIN,
    SCENARIOS,
    SECURITY_CODE,
    BankPageRoute,
    Scenario,
    ServerReply,
    group_card_number,
)
from app.web.link_pages import PAGES
from app.wording import LABELS, NUMBERS, PROBLEMS
from tests.messages.message_rows import (
    THEN,
    closing_told,
    failure_told,
    frame_told,
    label_of,
    link_choices,
    link_told,
    rows_of,
)
from tests.support.office import OFFICE, REFERENCE

Words = TypeVar("Words")

#: What the cardholder does at the bank.
DOES: Mapping[BankPageRoute, str] = {
    BankPageRoute.SIGN: "signs",
    BankPageRoute.WRONG_RESPONSES: "gives three wrong responses",
    BankPageRoute.CANCEL: "presses *Cancel*",
    BankPageRoute.LEAVE: "leaves the page open for ten minutes",
    BankPageRoute.ARRIVE_LATE: "arrives after thirty seconds",
    BankPageRoute.NONE: "sees no page of the bank",
}

#: What the bank's server does where it gives no verdict.
ANSWERS: Mapping[ServerReply, str] = {
    ServerReply.FOREIGN_CHALLENGE: "leads to a foreign host",
    ServerReply.NOT_LINKED: "not linked",
    ServerReply.NOT_CREDIT: "no credit card",
    ServerReply.UNAVAILABLE: "HTTP 500",
    ServerReply.SILENT: "nothing",
    ServerReply.NEVER_ASKED: "is not asked",
}

WAITS: Mapping[timedelta | None, str] = {
    None: "once what it says is done",
    timedelta(): "without waiting, once what it says is done",
    timedelta(minutes=5): "after five minutes",
    timedelta(minutes=15): "after a quarter of an hour",
    timedelta(days=1): "after a day",
}

#: Where a scenario ends that has neither a message nor a closed link.
ELSEWHERE: Mapping[ActivationState | None, str] = {
    None: "the service is active",
    ActivationState.AWAITING_BANK: "the page that waits for the bank",
    ActivationState.INVITED: "no page: the office reads *Problem*",
    ActivationState.EXPIRED: "no page: reminders, then expiry",
}


def messages_page() -> str:
    """Write the page."""
    template = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    ).get_template("messages.md.jinja")
    app = Flask("app")
    localized_templates.init_app(app)
    with app.app_context(), override_locale("en"):
        return template.render(**_facts(), **_tables(), **_words())


def _facts() -> Mapping[str, object]:
    return {
        "code": SECURITY_CODE,
        "pin": PIN,
        "reference": REFERENCE,
        "office": OFFICE,
        "cap": NUMBERS[Caps.refusals_a_day],
        "then": f"{format_date(THEN)} at {format_time(THEN)}",
        "languages": LANGUAGES,
        "plain_banks": [
            bank.name
            for bank in BANKS.values()
            if bank.route is ActivationRoute.LINK and bank.refusal_style is RefusalStyle.PLAIN
        ],
    }


def _tables() -> Mapping[str, object]:
    return {
        "scenarios": SCENARIOS.values(),
        "rows_of": rows_of,
        "cards": _cards,
        "does": DOES,
        "answer": _answer,
        "shown": _shown,
        "label": lambda row: LABELS[label_of(row)],
        "waits": {failure: WAITS[page.wait] for failure, page in FAILURES.items()},
        "tones": {failure: page.tone for failure, page in FAILURES.items()},
        "messages": {failure: page.message for failure, page in FAILURES.items()},
        "numbered": (
            FailureMessage.WRONG_CARD,
            FailureMessage.CARD_NOT_USABLE,
            FailureMessage.SOMETHING_WRONG,
        ),
        "causes": {failure: advice.cause for failure, advice in ADVICE.items()},
        "statuses": {condition: page.status for condition, page in PAGES.items()},
    }


def _words() -> Mapping[str, object]:
    return {
        "frame": _in_each(frame_told),
        "failures": {one: _in_each(partial(failure_told, one)) for one in FAILURES},
        "closing": _in_each(closing_told),
        "links": {one: _in_each(partial(link_told, one)) for one in PAGES},
        "choices": {one: _in_each(partial(link_choices, one)) for one in PAGES},
        "fields": {one: _in_each(partial(str, PROBLEMS[one])) for one in CardProblem},
        "explained": {
            row: _in_each(partial(str, row.bank_says))
            for row in SCENARIOS.values()
            if row.bank_says is not None
        },
    }


def _in_each(tell: Callable[[], Words]) -> Mapping[str, Words]:
    told = {}
    for language in LANGUAGES:
        with override_locale(language):
            told[language] = tell()
    return told


def _cards(row: Scenario) -> str:
    return ", ".join(group_card_number(card) for card in row.cards) or "–"


def _answer(row: Scenario) -> str:
    """Say what the bank's server answers, in the letters of its protocol."""
    if row.status is None:
        return ANSWERS[row.reply]
    verdict = " / ".join(part for part in (row.status, row.reason) if part)
    cancel = f", cancel {row.cancel}" if row.cancel else ""
    verified = f", then {row.verification}".replace("_", " ") if row.verification else ""
    return verdict + cancel + verified


def _shown(row: Scenario) -> str:
    """Lead from a scenario to the message that ends it."""
    match row.page:
        case Failure():
            return f"[{row.page}](#{row.page})"
        case LinkCondition():
            return f"[link_{row.page}](#link_{row.page})"
        case CardProblem():
            return "[under the field](#what-a-field-of-the-card-says)"
        case _:
            return ELSEWHERE[row.page]
