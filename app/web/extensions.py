"""How a view reaches what the composition root has built."""

from dataclasses import dataclass

from flask import current_app

from app.clock import Clock
from app.db import Database
from app.mail.outbox import Outbox
from app.services.activations import Activations
from app.services.sign_in import Visits
from app.settings import Settings

EXTENSION = "caro"


@dataclass(frozen=True)
class Services:
    """Everything that a request may use; built once, shared by all requests."""

    settings: Settings
    clock: Clock
    activations: Activations
    database: Database
    outbox: Outbox
    visits: Visits


def services() -> Services:
    """Return the services of the application that answers this request."""
    found: Services = current_app.extensions[EXTENSION]
    return found
