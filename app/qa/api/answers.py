"""What the API answers: a model a thing, each field described, and how rows and mails become one."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import quote

from flask import url_for
from pydantic import BaseModel, ConfigDict, Field, RootModel

from app.domain.banks import BANKS, ActivationRoute
from app.domain.cards import CardProblem
from app.domain.failures import Failure
from app.domain.history import AttemptOutcome, EventType, MailKind
from app.domain.states import ActivationState, LinkCondition, StatusLabel
from app.domain.typed_text import fold_text
from app.qa.error_replies import ErrorReply
from app.qa.request_fields import MailFilter
from app.qa.scenario_views import ScenarioView
from app.simulation.scenarios import BankPageRoute, RecoveryAction, ReturnFault, ScenarioSection
from app.simulation.testing import (
    ActivationRecord,
    Milestone,
    SandboxOffice,
    SandboxTools,
    SentMail,
    milestones,
)
from app.web.extensions import services

_LINK = re.compile(r"https?://[^\s<>\"]+")


class ApiAnswer(BaseModel):
    """Something that the API answers; it is read off rows, and what a row has besides is left out."""

    model_config = ConfigDict(from_attributes=True)


class CapsAnswer(ApiAnswer):
    """How often is enough; each is a setting of the server."""

    refusals_a_day: int = Field(description="Counted refusals that close the page for card details.")
    sends_a_day: int = Field(description="Invitations to one address of a request, the first not counted.")
    sign_in_links_an_hour: int = Field(description="Emails to sign in, to one address from one network.")
    corrections_a_day: int = Field(description="New addresses of one request.")
    office_corrections_an_hour: int = Field(description="New addresses of all requests of an office.")


class ServerAnswer(ApiAnswer):
    """The server."""

    now: datetime = Field(description="Its time, in UTC.")
    bank_url: str = Field(description="Where cardholders find the simulated bank.")
    caps: CapsAnswer = Field(description="How often is enough.")


class DossierAnswer(ApiAnswer):
    """A client of an office."""

    id: int = Field(description="Its number in addresses of the portal.")
    code: str = Field(description="Its code.")
    name: str = Field(description="Its name.")
    banks: tuple[str, ...] = Field(description="The banks at which something can be ordered for it.")


class OfficeAnswer(ApiAnswer):
    """An accounting office of a tester's own."""

    name: str = Field(description="Its name.")
    key: str = Field(description="The key that opens it; only its hash is kept.")
    accountant: str = Field(description="The email address of its accountant.")
    colleague: str = Field(description="The email address of its other accountant.")
    dossiers: tuple[DossierAnswer, ...] = Field(description="Its clients; orders are for the first.")


class AttemptAnswer(ApiAnswer):
    """One card that was tried."""

    transaction: str = Field(description="Its name at the bank.")
    generation: int = Field(description="The generation of the link at that time.")
    brand: str = Field(description="The card's brand.")
    last_four: str = Field(description="The card's last four digits; no more is kept.")
    language: str = Field(description="The language of the pages.")
    outcome: AttemptOutcome | None = Field(description="How it ended; null while it is open.")
    failure: Failure | None = Field(description="Which message the cardholder was shown.")
    counted: bool = Field(description="Whether it counts as a refusal.")
    problem: bool = Field(description="Whether the office is told of it as a problem.")
    bank_status: str | None = Field(description="The bank's transStatus.")
    bank_reason: str | None = Field(description="The bank's transStatusReason.")
    challenge_url: str | None = Field(description="The bank's page on which it is signed.")
    started_at: datetime = Field(description="When the card was sent.")
    challenged_at: datetime | None = Field(description="When the bank wanted a signature.")
    returned_at: datetime | None = Field(description="When the browser came back.")
    concluded_at: datetime | None = Field(description="When it ended.")


class ConsentAnswer(ApiAnswer):
    """What was agreed to."""

    client_reference: str = Field(description="The client reference that was shown.")
    language: str = Field(description="The language in which it was read.")
    generation: int = Field(description="The generation of the link at that time.")
    terms_version: str = Field(description="The version of the conditions.")
    reference_confirmed: bool = Field(description="Whether the reference was confirmed.")
    conditions_accepted: bool = Field(description="Whether the conditions were accepted.")
    accepted_at: datetime = Field(description="When that was.")
    build: str = Field(description="The build of the product.")
    bank_status: str | None = Field(description="The bank's transStatus, once it was signed.")
    bank_transaction: str | None = Field(description="The attempt that was signed.")


class QueuedMailAnswer(ApiAnswer):
    """An email that was ever to leave about a request; its text is in /mails once it has left."""

    kind: MailKind = Field(description="What it is.")
    round: int = Field(description="The round of the request at that time.")
    tries: int = Field(description="How often it was tried.")
    created_at: datetime = Field(description="When it was wanted.")
    due_at: datetime = Field(description="When it is tried next.")
    sent_at: datetime | None = Field(description="When it left.")
    dead_at: datetime | None = Field(description="When it was given up or was no longer wanted.")


class EventAnswer(ApiAnswer):
    """One line of history."""

    event_type: EventType = Field(description="What happened.")
    at: datetime = Field(description="When.")
    actor: str = Field(description="Who did it: cardholder, worker, bank, or an accountant by number.")
    detail: str | None = Field(description="A failure, a state, a kind of email or a message.")


class ListedActivationAnswer(ApiAnswer):
    """A request in short."""

    public_id: str = Field(description="Its name in addresses.")
    reference: str = Field(validation_alias="client_reference", description="The client reference.")
    bank: str = Field(description="The bank.")
    language: str = Field(description="The cardholder's language.")
    state: ActivationState = Field(description="Where it stands.")
    label: StatusLabel = Field(description="What the accountant reads of it.")


class ActivationAnswer(ListedActivationAnswer):
    """Everything that is kept of a request; what hangs on it is listed from the oldest on."""

    office: str = Field(description="The name of the office.")
    address: str | None = Field(description="The cardholder's email address, until it is erased.")
    generation: int = Field(description="Raised when the link is replaced; older links show their own page.")
    round: int = Field(description="Raised with each invitation.")
    ordered_at: datetime = Field(description="When it was ordered.")
    invited_at: datetime = Field(description="When this round began.")
    expires_at: datetime = Field(description="When the link ends.")
    changed_at: datetime = Field(description="When its state changed last.")
    next_reminder_at: datetime | None = Field(description="When the next reminder is planned.")
    activated_at: datetime | None = Field(description="When the service became active.")
    refused_at: datetime | None = Field(description="When it was refused in the bank's app, in this round.")
    link: str | None = Field(description="The activation link, or another one that the scenario shows.")
    result: str | None = Field(description="Where a browser that opened the link reads the result.")
    card_page_opens_at: datetime | None = Field(description="When a closed page for card details opens.")
    attempts: tuple[AttemptAnswer, ...] = Field(description="The cards that were tried.")
    consents: tuple[ConsentAnswer, ...] = Field(description="What was agreed to.")
    mails: tuple[QueuedMailAnswer, ...] = Field(description="The emails that were ever to leave.")
    events: tuple[EventAnswer, ...] = Field(description="Its history.")
    moments: dict[Milestone, datetime] = Field(description="What it waits for, the soonest first.")
    at_bank: dict[str, str] = Field(
        description="Where the cardholder finds it: app, in the bank's app, or holder, at the bank."
    )


class ActivationListAnswer(ApiAnswer):
    """The requests of an office."""

    activations: tuple[ListedActivationAnswer, ...] = Field(description="The requests, newest first.")


class MailAnswer(ApiAnswer):
    """An email as it was sent."""

    id: str = Field(description="Its name in addresses.")
    kind: MailKind = Field(description="What it is.")
    activation: str = Field(description="The public_id of its request, or the name of a link to sign in.")
    to: str = Field(description="Its recipient.")
    subject: str = Field(description="Its subject.")
    date: str = Field(description="Its date, as emails write it.")
    language: str = Field(description="Its language.")
    message_id: str = Field(description="Its Message-ID.")
    headers: dict[str, str] = Field(description="All its header fields, decoded.")
    text: str = Field(description="Its plain text.")
    html: str = Field(description="The same as HTML.")
    links: tuple[str, ...] = Field(description="The addresses in its text, each once.")


class MailListAnswer(ApiAnswer):
    """Emails of an office."""

    mails: tuple[MailAnswer, ...] = Field(description="The emails, oldest first.")


class ScenarioAnswer(ApiAnswer):
    """One way in which a request ends, and what it leaves behind."""

    key: str = Field(description="Its key, never given to another one.")
    section: ScenarioSection = Field(description="Where in the story the ending is decided.")
    why: str = Field(description="What happens, in the language asked for.")
    cards: tuple[str, ...] = Field(description="The card numbers that lead there.")
    route: BankPageRoute = Field(description="What the cardholder does on the bank's pages.")
    quirk: ReturnFault | None = Field(description="How the bank misbehaves around a good signature.")
    recovery: RecoveryAction = Field(description="What makes the same cardholder succeed afterwards.")
    page: Failure | CardProblem | LinkCondition | ActivationState | None = Field(
        description="What the cardholder sees last; null is success."
    )
    messages: dict[str, str] = Field(description="What that page says, by language.")
    help: dict[str, tuple[str, ...]] = Field(description="What it adds to help, by language.")
    state: ActivationState = Field(description="Where the request stands then.")
    label: StatusLabel = Field(description="What the accountant reads of it.")
    counts: bool = Field(description="Whether it counts as a refusal.")
    problem: bool = Field(description="Whether the office is told of it as a problem.")
    events: tuple[EventType, ...] = Field(description="The history from the open link on.")
    mails: tuple[MailKind, ...] = Field(description="The emails that follow the invitation.")


class ScenarioListAnswer(RootModel[tuple[ScenarioAnswer, ...]]):
    """All scenarios, in the order of the table."""


class SignInAnswer(ApiAnswer):
    """A way into the portal without a mail."""

    link: str = Field(description="Opens the page with the button that signs in; it can be used once.")


class WorkAnswer(ApiAnswer):
    """All that was due is done."""

    done: bool = Field(True, description="Always true.")


class ErrorAnswer(ApiAnswer):
    """What every call answers that did not succeed."""

    error: ErrorReply = Field(description="Why nothing was done.")


def describe_server() -> ServerAnswer:
    """Tell what time it is here, where cardholders find the bank, and how often is enough."""
    settings = services().settings
    [bank_url, *_others] = settings.challenge_origins
    return ServerAnswer.model_validate(
        {"now": services().clock(), "bank_url": bank_url, "caps": settings.caps}
    )


def describe_office(office: SandboxOffice, key: str) -> OfficeAnswer:
    """Tell what an office has, and the key that opens it."""
    return OfficeAnswer.model_validate(vars(office) | {"key": key})


def describe_activation(record: ActivationRecord, link: str | None = None) -> ActivationAnswer:
    """Tell everything that is kept of a request; a scenario may have another link than the request's own."""
    derived = {
        "link": link or record.link,
        "result": _result_url(record),
        "moments": milestones(record),
        "at_bank": bank_links(record),
    }
    return ActivationAnswer.model_validate({**record.columns._mapping, **vars(record), **derived})


def _result_url(record: ActivationRecord) -> str | None:
    path = url_for("wizard.show_result", public_id=record.columns.public_id)
    return services().settings.public_url + path if record.link else None


def bank_links(record: ActivationRecord) -> Mapping[str, str]:
    """Tell where the cardholder finds this request at the bank."""
    [bank_url, *_others] = services().settings.challenge_origins
    bank = record.columns.bank
    holder = f"{record.columns.client_reference}/{quote(record.columns.office, safe='')}"
    if BANKS[bank].route is ActivationRoute.BANK_APP:
        return {"app": f"{bank_url}/bank-app/{bank}/{holder}"}
    return {"holder": f"{bank_url}/holder/{holder}"}


def describe_scenario(view: ScenarioView) -> ScenarioAnswer:
    """Tell a scenario, what it leaves behind, and its words in every language."""
    texts = view.texts_by_language.items()
    words = {
        "messages": {language: text.visible_text for language, text in texts},
        "help": {language: text.help for language, text in texts},
    }
    why = str(view.scenario.why)
    return ScenarioAnswer.model_validate({**vars(view.scenario), **vars(view.outcome), **words, "why": why})


def describe_mail(sent_mail: SentMail) -> MailAnswer:
    """Tell one mail as it was sent."""
    message = sent_mail.parsed_message
    text, html = (_mail_part(sent_mail, kind) for kind in ("plain", "html"))
    return MailAnswer(
        id=sent_mail.id,
        kind=MailKind(sent_mail.kind),
        activation=sent_mail.subject_id,
        to=str(message["To"]),
        subject=str(message["Subject"]),
        date=str(message["Date"]),
        language=str(message["Content-Language"]),
        message_id=str(message["Message-ID"]),
        headers={name: str(value) for name, value in message.items()},
        text=text,
        html=html,
        links=find_links(text),
    )


def find_mails(tools: SandboxTools, wanted: MailFilter) -> tuple[MailAnswer, ...]:
    """Return the office's mails that are looked for, oldest first."""
    words = fold_text(wanted.q).split()
    mails = map(describe_mail, tools.list_mails(wanted.activation or None, wanted.to))
    return tuple(mail for mail in mails if wanted.kind in (None, mail.kind) and _has_words(mail, words))


def _has_words(mail: MailAnswer, words: Sequence[str]) -> bool:
    text = fold_text(f"{mail.subject} {mail.to} {mail.text}") if words else ""
    return all(word in text for word in words)


def find_links(text: str) -> tuple[str, ...]:
    """Return the web addresses in a text, each once."""
    return tuple(dict.fromkeys(_LINK.findall(text)))


def _mail_part(sent_mail: SentMail, kind: str) -> str:
    part = sent_mail.parsed_message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""
