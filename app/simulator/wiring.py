"""What the bank's doors reach for: the parts that the factory put together."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app

from app.simulator.issuer import Issuer
from app.simulator.rehearsals import Rehearsals
from app.simulator.returns import PostReturn
from app.simulator.settings import SimulatorSettings

_NAME = "caro-simulator"

Silence = Callable[[float], None]


@dataclass(frozen=True)
class Parts:
    """One simulated bank, put together."""

    settings: SimulatorSettings
    issuer: Issuer
    rehearsals: Rehearsals
    post_return: PostReturn
    keep_silent: Silence

    def register(self, extensions: dict[str, object]) -> None:
        """Hand the parts to an application."""
        extensions[_NAME] = self


def parts() -> Parts:
    """Return the parts of the application that serves this request."""
    found: Parts = current_app.extensions[_NAME]
    return found
