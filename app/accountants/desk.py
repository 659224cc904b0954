"""What every use case about accountants works with."""

from dataclasses import dataclass

from app.clock import Clock
from app.db import Database
from app.domain.caps import Caps
from app.tokens import TokenSigner


@dataclass(frozen=True)
class Desk:
    """The collaborators, handed in by the composition root."""

    database: Database
    clock: Clock
    links: TokenSigner
    caps: Caps
