"""What comes next, what was tried, and what happened, in sentences."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask_babel.speaklater import LazyString

from app.advice import ADVICE, MESSAGE_ADVICE, FailureAdvice
from app.clock import brussels_day
from app.domain.banks import BANKS
from app.domain.cards import masked_card
from app.domain.failures import FAILURES, FailureTone
from app.domain.history import AttemptOutcome, EventType, MailKind
from app.domain.identifiers import shorten_reference
from app.domain.message_rules import OfficeMessage, unsettled_message
from app.domain.states import ActivationState, StatusLabel, state_by_clock
from app.i18n import LANGUAGES, _, _l, format_date, format_last_day, format_month, format_time
from app.queries.activation_detail import ActivationDetail, AttemptRow, EventRow
from app.wording import ACTORS, EVENT_TYPES, MAILS, NUMBERS, OFFICE_MESSAGES, OPERATOR, message_lines

_Holds = Callable[[ActivationDetail], bool]
_Says = Callable[[ActivationDetail], str]

_REMINDERS: Mapping[MailKind, Callable[[str], str]] = {
    MailKind.FIRST_REMINDER: lambda day: _("The first reminder will be sent on %(day)s.", day=day),
    MailKind.SECOND_REMINDER: lambda day: _("The second reminder will be sent on %(day)s.", day=day),
    MailKind.THIRD_REMINDER: lambda day: _("The third reminder will be sent on %(day)s.", day=day),
}

#: Everything that holds is told, in this order.
_NEXT: tuple[tuple[_Holds, _Says], ...] = (
    (
        lambda activation: (
            activation.label is StatusLabel.PROBLEM
            and activation.refused_at is None
            and activation.state is not ActivationState.AWAITING_BANK
        ),
        lambda activation: _("Call the cardholder first: below is what went wrong and what you can say."),
    ),
    (
        lambda activation: activation.state is ActivationState.AWAITING_BANK,
        lambda activation: _(
            "The cardholder is at the bank. We keep asking the bank until we know the result."
        ),
    ),
    (
        lambda activation: activation.refused_at is not None and activation.is_open,
        lambda activation: _(
            "The cardholder refused in the %(bank)s app, so no reminders will be sent. Ask why. If it was a "
            "mistake, resend the invitation.",
            bank=activation.bank.name,
        ),
    ),
    (
        lambda activation: activation.card_page_opens_at is not None and activation.is_open,
        lambda activation: _(
            "The page for the card details is closed until %(day)s at %(time)s, because %(count)s attempts "
            "were refused within 24 hours. Resending the invitation opens it straight away.",
            count=NUMBERS[activation.caps.refusals_a_day],
            **_expiry_sentence(activation),
        ),
    ),
    (
        lambda activation: activation.reminder is not None,
        lambda activation: _reminder_sentence(activation),
    ),
    (
        lambda activation: (
            activation.is_open
            and activation.reminder is None
            and activation.refused_at is None
            and activation.state is not ActivationState.AWAITING_BANK
        ),
        lambda activation: _("No more reminders will be sent."),
    ),
    (
        lambda activation: activation.is_open and activation.refused_at is None,
        lambda activation: _(
            "The cardholder can activate CARO until %(date)s.",
            date=format_last_day(activation.expires_at, activation.now),
        ),
    ),
    (
        lambda activation: activation.is_past_end,
        lambda activation: _("The cardholder's address is about to be deleted."),
    ),
    (
        lambda activation: activation.state is ActivationState.ACTIVE,
        lambda activation: _(
            "Your office receives the statements, the first in %(month)s.",
            month=format_month(activation.first_statement or brussels_day(activation.now)),
        ),
    ),
    (
        lambda activation: activation.state is ActivationState.ACTIVE,
        lambda activation: _(
            "If a card is renewed and the client reference stays the same, nothing needs to be done."
        ),
    ),
    (
        lambda activation: activation.state is ActivationState.ACTIVE and activation.address is not None,
        lambda activation: _("After the confirmation email, the cardholder's address is deleted."),
    ),
    (
        lambda activation: activation.state in (ActivationState.EXPIRED, ActivationState.CANCELLED),
        lambda activation: _(
            "Nothing more happens by itself. To relaunch the request, enter the address again."
        ),
    ),
    (
        lambda activation: activation.state is ActivationState.REVOKED,
        lambda activation: _("Nothing more happens. To start again, make a new request."),
    ),
)

#: How an attempt stands that shows no message to the cardholder.
_ENDINGS: Mapping[AttemptOutcome | None, LazyString] = {
    None: _l("At the bank at the moment."),
    AttemptOutcome.SUCCEEDED: _l("Signed and approved by the bank."),
    AttemptOutcome.SUPERSEDED: _l("Stopped before there was a result."),
    AttemptOutcome.FAILED: _l("It failed."),
}


@dataclass(frozen=True)
class AttemptEntry:
    """One attempt: the card, how it ended, what the cardholder read in which language, and what helps."""

    tried: AttemptRow
    card: str
    ending: LazyString
    consent: str
    quote: tuple[str, ...]
    tone: FailureTone | None
    advice: FailureAdvice | None


@dataclass(frozen=True)
class EventEntry:
    """One line of the history: when, who, what, and what about."""

    line: EventRow
    who: str
    what: LazyString
    detail: str


@dataclass(frozen=True)
class MessageEntry:
    """What the cardholder said last, and what the office can do about it as the request stands."""

    line: EventRow
    text: LazyString
    advice: tuple[LazyString, ...]


def waiting_message(activation: ActivationDetail) -> OfficeMessage | None:
    """Return what the cardholder said last, while it waits for the office; None where nothing does."""
    line = unsettled_message(activation.history)
    return next((message for message in OfficeMessage if line and message == line.detail), None)


def message_entry(activation: ActivationDetail) -> MessageEntry | None:
    """Return the cardholder's message that waits for the office; None where there is none."""
    line, message = unsettled_message(activation.history), waiting_message(activation)
    if line is None or message is None:
        return None
    state = state_by_clock(activation.state, activation.expires_at, activation.now)
    return MessageEntry(line, OFFICE_MESSAGES[message], MESSAGE_ADVICE[message].get(state, ()))


def next_steps(activation: ActivationDetail) -> list[str]:
    """Return what happens next, in whole sentences."""
    return [say(activation) for holds, say in _NEXT if holds(activation)]


def attempt_entries(activation: ActivationDetail) -> list[AttemptEntry]:
    """Return the attempts as the accountant reads them, the newest first."""
    return [_attempt_entry(tried, activation.client_reference) for tried in activation.attempts]


def event_entries(activation: ActivationDetail) -> list[EventEntry]:
    """Return the history, the newest first."""
    return [
        EventEntry(line, _actor_name(line), EVENT_TYPES[line.event_type], _event_detail(line))
        for line in reversed(activation.history)
    ]


def _attempt_entry(tried: AttemptRow, reference: str) -> AttemptEntry:
    message = FAILURES[tried.failure].message if tried.failure else None
    return AttemptEntry(
        tried=tried,
        card=masked_card(tried.brand, tried.last_four),
        ending=_ENDINGS[tried.outcome],
        consent=shorten_reference(tried.transaction) if tried.outcome is AttemptOutcome.SUCCEEDED else "",
        quote=message_lines(message, tried.language, reference) if message else (),
        tone=FAILURES[tried.failure].tone if tried.failure else None,
        advice=ADVICE[tried.failure] if tried.failure else None,
    )


def _actor_name(line: EventRow) -> str:
    return line.accountant or str(ACTORS.get(line.actor, OPERATOR))


def _event_detail(line: EventRow) -> str:
    """Say which mail or message it was, or which bank or language; the other details are not for readers."""
    detail = line.detail or ""
    if line.event_type is EventType.LANGUAGE_CHANGED:
        return LANGUAGES.get(detail, "")
    if line.event_type is EventType.ORDERED and detail in BANKS:
        return BANKS[detail].name
    named = (*MAILS.items(), *OFFICE_MESSAGES.items())
    return next((str(name) for kind, name in named if kind == detail), "")


def _reminder_sentence(activation: ActivationDetail) -> str:
    reminder = activation.reminder
    return _REMINDERS[reminder.kind](format_date(reminder.at)) if reminder else ""


def _expiry_sentence(activation: ActivationDetail) -> dict[str, str]:
    opens_at = activation.card_page_opens_at or activation.now
    return {"day": format_date(opens_at), "time": format_time(opens_at)}
