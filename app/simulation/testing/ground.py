"""What every rehearsal works with."""

import hashlib
from dataclasses import dataclass, replace
from typing import Self

from app.activations import Activations
from app.clock import Clock
from app.db import Database
from app.simulation.testing.bank import BankControlClient
from app.simulation.testing.mailbox import MaildirReader

#: Nobody sees the page that is skipped, and the consent says so.
UNSHOWN = hashlib.sha256(b"rehearsal: no page was shown").hexdigest()


class UnknownSandboxItem(LookupError):
    """The office has no such request, mail or moment."""


class NotPossibleNow(Exception):
    """As the request stands, this cannot be rehearsed; `code` names why."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True)
class SandboxContext:
    """The collaborators, for all offices of testers or for one of them."""

    database: Database
    clock: Clock
    activations: Activations
    bank: BankControlClient
    mailbox: MaildirReader
    office_id: int = 0

    def for_office(self, office_id: int) -> Self:
        """Return the same rehearsals for one office alone."""
        return replace(self, office_id=office_id, activations=self.activations.for_office(office_id))
