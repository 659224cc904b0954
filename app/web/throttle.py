"""Coarse limits by address, against guessing links and trying stolen cards; the rates are settings.

The cap of five refusals stands in the use case; these only slow down a machine that asks all day.
"""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from app.settings import Settings

#: Which setting holds the rate of which endpoint.
RATES: Mapping[str, str] = {
    "entrance.open_link": "link_rate",
    "wizard.submit_card": "card_rate",
}


def install(app: Flask, settings: Settings) -> None:
    """Slow down the endpoints of the table; call it when the doors are mounted."""
    limiter = Limiter(get_remote_address, storage_uri=settings.rate_storage)
    limiter.init_app(app)
    for endpoint, rate in RATES.items():
        limited: Any = limiter.limit(getattr(settings, rate))
        app.view_functions[endpoint] = limited(app.view_functions[endpoint])
