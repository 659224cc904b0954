"""How a view reaches what the composition root has built."""

from dataclasses import dataclass

from flask import current_app

from app.clock import Clock
from app.db import Database
from app.mail.outbox import Outbox
from app.services.activations import Activations
from app.services.sign_in import SignInService
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
    sign_in: SignInService


def services() -> Services:
    """Return the services of the application that answers this request."""
    found: Services = current_app.extensions[EXTENSION]
    return found
