"""What the API tells: rows and mails as plain JSON, instants in UTC."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from flask import url_for

from app.domain.banks import BANKS, ActivationRoute
from app.simulation.testing import ActivationRecord, SandboxOffice, SentMail, milestones
from app.web.extensions import services

JsonObject = dict[str, Any]

_ACTIVATION = (
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
_EVENT = ("at", "actor", "detail")
_LISTED = ("public_id", "client_reference", "bank", "language", "state", "label")

_LINK = re.compile(r"https?://[^\s<>\"]+")


def serialize_server() -> JsonObject:
    """Tell what time it is here, where cardholders find the bank, and how often is enough."""
    settings = services().settings
    [bank_url, *_others] = settings.challenge_origins
    return {"now": _to_json_value(services().clock()), "bank_url": bank_url, "caps": asdict(settings.caps)}


def serialize_office(office: SandboxOffice, key: str) -> JsonObject:
    """Tell what an office has, and the key that opens it."""
    dossiers = [
        {"id": dossier.id, "code": dossier.code, "name": dossier.name, "banks": list(dossier.banks)}
        for dossier in office.dossiers
    ]
    people = {"accountant": office.accountant, "colleague": office.colleague}
    return {"name": office.name, "key": key, **people, "dossiers": dossiers}


def serialize_activation(record: ActivationRecord, link: str | None = None) -> JsonObject:
    """Tell everything that is kept of a request; a scenario may have another link than the request's own."""
    activation = _pick_columns(record.columns, _ACTIVATION)
    activation["reference"] = activation.pop("client_reference")
    return activation | {
        "label": record.label,
        "link": link or record.link,
        "result": _result_url(record),
        "card_page_opens_at": _to_json_value(record.card_page_opens_at),
        "attempts": [_pick_columns(row, _ATTEMPT) for row in record.attempts],
        "consents": [_pick_columns(row, _CONSENT) for row in record.consents],
        "mails": [_pick_columns(row, _MAIL) for row in record.mails],
        "events": [
            {"happening": event.event_type, **_pick_columns(event, _EVENT)} for event in record.events
        ],
        "moments": {name: _to_json_value(at) for name, at in milestones(record).items()},
        "at_bank": serialize_bank_links(record),
    }


def _result_url(record: ActivationRecord) -> str | None:
    """Return where a browser that has opened the link reads the result."""
    path = url_for("wizard.show_result", public_id=record.columns.public_id)
    return services().settings.public_url + path if record.link else None


def serialize_bank_links(record: ActivationRecord) -> dict[str, str]:
    """Tell where the cardholder finds this request at the bank."""
    [bank_url, *_others] = services().settings.challenge_origins
    bank, reference = record.columns.bank, record.columns.client_reference
    if BANKS[bank].route is ActivationRoute.BANK_APP:
        return {"app": f"{bank_url}/bank-app/{bank}/{reference}"}
    return {"holder": f"{bank_url}/holder/{reference}"}


def serialize_activations(rows: Sequence[Any]) -> list[JsonObject]:
    """Tell the requests of an office in short."""
    activations = [_pick_columns(row, _LISTED) for row in rows]
    return [
        {("reference" if name == "client_reference" else name): activation[name] for name in activation}
        for activation in activations
    ]


def serialize_mail(sent_mail: SentMail) -> JsonObject:
    """Tell one mail as it was sent."""
    message = sent_mail.parsed_message
    text, html = (_mail_part(sent_mail, kind) for kind in ("plain", "html"))
    return {
        "id": sent_mail.id,
        "kind": sent_mail.kind,
        "activation": sent_mail.subject_id,
        "to": str(message["To"]),
        "subject": str(message["Subject"]),
        "date": str(message["Date"]),
        "language": str(message["Content-Language"]),
        "message_id": str(message["Message-ID"]),
        "headers": {name: str(value) for name, value in message.items()},
        "text": text,
        "html": html,
        "links": find_links(text),
    }


def find_links(text: str) -> list[str]:
    """Return the web addresses in a text, each once."""
    return list(dict.fromkeys(_LINK.findall(text)))


def _mail_part(sent_mail: SentMail, kind: str) -> str:
    part = sent_mail.parsed_message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


def _pick_columns(row: Any, names: Sequence[str]) -> JsonObject:
    return {name: _to_json_value(getattr(row, name)) for name in names}


def _to_json_value(value: object) -> object:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    return str(value) if isinstance(value, StrEnum) else value


def serialize_error(code: str, message: str, **more: object) -> Mapping[str, object]:
    """Tell why something was not done."""
    return {"error": {"code": code, "message": message, **more}}
