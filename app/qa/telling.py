"""What the API tells: rows and mails as plain JSON, instants in UTC."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from flask import url_for

from app.domain.banks import BANKS, ActivationRoute
from app.rehearsal import Posted, Record, TestOffice, moments
from app.web.wiring import services

Told = dict[str, Any]

_FACTS = (
    *("public_id", "office", "client_reference", "bank", "language", "address", "state", "generation"),
    *("round", "ordered_at", "invited_at", "expires_at", "changed_at", "next_reminder_at"),
    *("activated_at", "refused_at"),
)
_ATTEMPT = (
    *("outcome", "failure", "counted", "problem", "brand", "last_four", "language", "generation"),
    *("bank_status", "bank_reason", "started_at", "challenged_at", "returned_at", "concluded_at"),
    *("transaction", "challenge_url"),
)
_CONSENT = (
    *("terms_version", "language", "generation", "client_reference", "reference_confirmed"),
    *("conditions_accepted", "accepted_at", "build", "bank_status", "bank_transaction"),
)
_MAIL = ("kind", "round", "tries", "created_at", "due_at", "sent_at", "dead_at")
_EVENT = ("at", "actor", "happening", "detail")
_LISTED = ("public_id", "client_reference", "bank", "language", "state", "label")

_LINK = re.compile(r"https?://[^\s<>\"]+")


def server() -> Told:
    """Tell what time it is here, where cardholders find the bank, and how often is enough."""
    settings = services().settings
    [bank_url, *_others] = settings.challenge_origins
    return {"now": _plain(services().clock()), "bank_url": bank_url, "caps": asdict(settings.caps)}


def office(found: TestOffice, key: str) -> Told:
    """Tell what an office has, and the key that opens it."""
    dossiers = [
        {"id": one.id, "code": one.code, "name": one.name, "banks": list(one.banks)} for one in found.dossiers
    ]
    people = {"accountant": found.accountant, "colleague": found.colleague}
    return {"name": found.name, "key": key, **people, "dossiers": dossiers}


def activation(record: Record, link: str | None = None) -> Told:
    """Tell everything that is kept of a request; a scenario may have another link than the request's own."""
    told = _told(record.facts, _FACTS)
    told["reference"] = told.pop("client_reference")
    return told | {
        "label": record.label,
        "link": link or record.link,
        "result": _result(record),
        "card_page_opens_at": _plain(record.card_page_opens_at),
        "attempts": [_told(one, _ATTEMPT) for one in record.attempts],
        "consents": [_told(one, _CONSENT) for one in record.consents],
        "mails": [_told(one, _MAIL) for one in record.mails],
        "events": [_told(one, _EVENT) for one in record.events],
        "moments": {name: _plain(at) for name, at in moments(record).items()},
        "at_bank": at_bank(record),
    }


def _result(record: Record) -> str | None:
    """Return where a browser that has opened the link reads the result."""
    path = url_for("wizard.result", public_id=record.facts.public_id)
    return services().settings.public_url + path if record.link else None


def at_bank(record: Record) -> dict[str, str]:
    """Tell where the cardholder finds this request at the bank."""
    [bank_url, *_others] = services().settings.challenge_origins
    bank, reference = record.facts.bank, record.facts.client_reference
    if BANKS[bank].route is ActivationRoute.BANK_APP:
        return {"app": f"{bank_url}/bank-app/{bank}/{reference}"}
    return {"holder": f"{bank_url}/holder/{reference}"}


def listed(rows: Sequence[Any]) -> list[Told]:
    """Tell the requests of an office in short."""
    told = [_told(row, _LISTED) for row in rows]
    return [
        {("reference" if name == "client_reference" else name): one[name] for name in one} for one in told
    ]


def mail(posted: Posted) -> Told:
    """Tell one mail as it was sent."""
    message = posted.message
    text, html = (_part(posted, kind) for kind in ("plain", "html"))
    return {
        "id": posted.id,
        "kind": posted.kind,
        "activation": posted.subject_id,
        "to": str(message["To"]),
        "subject": str(message["Subject"]),
        "date": str(message["Date"]),
        "language": str(message["Content-Language"]),
        "message_id": str(message["Message-ID"]),
        "headers": {name: str(value) for name, value in message.items()},
        "text": text,
        "html": html,
        "links": links_in(text),
    }


def links_in(text: str) -> list[str]:
    """Return the web addresses in a text, each once."""
    return list(dict.fromkeys(_LINK.findall(text)))


def _part(posted: Posted, kind: str) -> str:
    part = posted.message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


def _told(row: Any, names: Sequence[str]) -> Told:
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    return str(value) if isinstance(value, StrEnum) else value


def failure(code: str, message: str, **more: object) -> Mapping[str, object]:
    """Tell why something was not done."""
    return {"error": {"code": code, "message": message, **more}}
