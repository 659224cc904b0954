"""The brake on card testing: where cards are refused on many activations, a network has to wait."""

from functools import cache

from flask import request
from limits import parse

from app.web.errors import CardTesting
from app.web.extensions import Services

_KIND = "refused_card"
_parse_once = cache(parse)


def require_calm_network(found: Services) -> None:
    """Raise CardTesting where banks have refused cards on too many activations in this network lately."""
    if limit := found.settings.rate_limit("refused_card_rate"):
        rate = _parse_once(limit)
        if found.rates.has_too_many(rate, _KIND, _network(found)):
            raise CardTesting(retry_after=rate.get_expiry())


def note_refused_card(found: Services, public_id: str) -> None:
    """Count an activation once, however many cards are refused on it: only who tests cards has many."""
    if limit := found.settings.rate_limit("refused_card_rate"):
        rate, network = _parse_once(limit), _network(found)
        if found.rates.count_try(rate, _KIND, network, public_id) == 1:
            found.rates.count_try(rate, _KIND, network)


def _network(found: Services) -> str:
    return found.context.tokens.mark_network(request.remote_addr or "")
