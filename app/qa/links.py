"""The link that leads to a scenario's page: mostly the request's own."""

import secrets
from collections.abc import Callable, Mapping

from flask import url_for

from app.qa.door import office_tools
from app.simulation.testing import ActivationRecord
from app.tokens import LinkClaims
from app.web.wiring import services


def scenario_link(record: ActivationRecord, scenario: str = "") -> str | None:
    """Return the link that shows what the scenario tells of; None at a bank that knows no links."""
    if record.link is None:
        return None
    return _OTHERS[scenario](record) if scenario in _OTHERS else record.link


def _signed_link(public_id: str, generation: int = 1) -> str:
    return office_tools().activations.links.activation_url(LinkClaims(public_id, generation))


def _link_without_cookie(record: ActivationRecord) -> str:
    return services().settings.public_url + url_for("wizard.show_welcome", public_id=record.facts.public_id)


_OTHERS: Mapping[str, Callable[[ActivationRecord], str]] = {
    "link_altered": lambda record: f"{record.link}x",
    "link_unknown": lambda record: _signed_link(secrets.token_hex(12)),
    "link_replaced": lambda record: _signed_link(record.facts.public_id, record.facts.generation - 1),
    "link_missing": _link_without_cookie,
}
