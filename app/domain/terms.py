"""The conditions: versions whose text never changes, and what the operator says of itself in them."""

import hashlib
from dataclasses import dataclass

#: The newest version that the product ships: the date of its text, where the operator names no other.
NEWEST_VERSION = "2026-11-30"
#: The conditions of before, which name no operator.
FIRST_VERSION = "2026-12"


@dataclass(frozen=True)
class Operator:
    """Who runs the service, as the conditions must say it.

    `link_days` bounds how long an address is kept; in a demonstration nothing is real, and they say so.
    """

    company: str
    enterprise_number: str
    address: str
    controller: str
    contact: str
    link_days: int
    demonstration: bool


@dataclass(frozen=True)
class Terms:
    """The conditions of one version in one language, as they are shown."""

    version: str
    language: str
    text: str

    @property
    def sha256(self) -> str:
        """The hash that consents keep as evidence."""
        return hashlib.sha256(self.text.encode()).hexdigest()
