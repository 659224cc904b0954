"""What the bank's doors reach for: the parts that the factory put together."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app

from app.simulation.bank.issuer import Issuer
from app.simulation.bank.rehearsals import SandboxControls
from app.simulation.bank.returns import PostReturn
from app.simulation.bank.settings import SimulatedBankSettings

_NAME = "caro-simulator"

Silence = Callable[[float], None]


@dataclass(frozen=True)
class BankComponents:
    """One simulated bank, put together."""

    settings: SimulatedBankSettings
    issuer: Issuer
    rehearsals: SandboxControls
    post_return: PostReturn
    keep_silent: Silence

    def init_app(self, extensions: dict[str, object]) -> None:
        """Hand the parts to an application."""
        extensions[_NAME] = self


def bank_components() -> BankComponents:
    """Return the parts of the application that serves this request."""
    found: BankComponents = current_app.extensions[_NAME]
    return found
