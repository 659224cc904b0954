"""The link that leads to a scenario's page: mostly the request's own."""

import secrets
from collections.abc import Callable, Mapping

from flask import url_for

from app.links import LinkIdentity
from app.qa.door import own
from app.rehearsal import Record
from app.web.wiring import services


def link_for(record: Record, scenario: str = "") -> str | None:
    """Return the link that shows what the scenario tells of; None at a bank that knows no links."""
    if record.link is None:
        return None
    return _OTHERS[scenario](record) if scenario in _OTHERS else record.link


def _minted(public_id: str, generation: int = 1) -> str:
    return own().activations.links.url(LinkIdentity(public_id, generation))


def _without_cookie(record: Record) -> str:
    return services().settings.public_url + url_for("wizard.welcome", public_id=record.facts.public_id)


_OTHERS: Mapping[str, Callable[[Record], str]] = {
    "link_altered": lambda record: f"{record.link}x",
    "link_unknown": lambda record: _minted(secrets.token_hex(12)),
    "link_replaced": lambda record: _minted(record.facts.public_id, record.facts.generation - 1),
    "link_missing": _without_cookie,
}
