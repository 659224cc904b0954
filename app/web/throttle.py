"""Coarse limits by address, against guessing links, trying stolen cards and mailing strangers.

The rates are settings. The caps on refused cards and on mails stand in the use cases
(`app/domain/caps.py`); these only slow down a machine that asks all day.
"""

from collections.abc import Mapping

from flask import Flask, request
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from app.settings import Settings

#: Which setting holds the rate of which endpoint.
RATES: Mapping[str, str] = {
    "entrance.open_link": "link_rate",
    # These three make the bank be asked.
    "entrance.receive_return": "link_rate",
    "wizard.check_result": "link_rate",
    "wizard.start_over": "link_rate",
    "wizard.submit_card": "card_rate",
    "sign_in.send_sign_in_link": "sign_in_rate",
    "sign_in.show_claim_button": "link_rate",
    "sign_in.claim_sign_in_link": "link_rate",
    # In a simulation anybody may open an office.
    "qa.create_office": "qa_office_rate",
    "qa_api.open_office": "qa_office_rate",
}


def install(app: Flask, settings: Settings) -> None:
    """Slow down the endpoints of the table."""
    limiter = FixedWindowRateLimiter(storage_from_string(settings.rate_storage))
    named = {endpoint: settings.rate_limit(name) for endpoint, name in RATES.items()}
    rates = {endpoint: parse(rate) for endpoint, rate in named.items() if rate}

    @app.before_request
    def slow_down() -> None:
        endpoint = request.endpoint or ""
        rate = rates.get(endpoint)
        if rate and not limiter.hit(rate, endpoint, request.remote_addr or ""):
            raise TooManyRequests(retry_after=rate.get_expiry())
