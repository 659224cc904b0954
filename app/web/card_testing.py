"""The brake on card testing: where cards are refused on many activations, a network has to wait."""

from flask import request

from app.web.errors import CardTesting
from app.web.extensions import Services

_KIND = "refused_card"


def require_calm_network(found: Services) -> None:
    """Raise CardTesting where banks have refused cards on too many activations in this network lately."""
    rate = found.settings.rate_limit("refused_card_rate")
    if rate and found.rates.has_too_many(rate, _KIND, _network(found)):
        raise CardTesting(retry_after=rate.seconds)


def note_refused_card(found: Services, public_id: str) -> None:
    """Count an activation once, however many cards are refused on it: only who tests cards has many."""
    if rate := found.settings.rate_limit("refused_card_rate"):
        network = _network(found)
        if found.rates.count_try(rate, _KIND, network, public_id) == 1:
            found.rates.count_try(rate, _KIND, network)


def _network(found: Services) -> str:
    return found.context.tokens.mark_network(request.remote_addr or "")
