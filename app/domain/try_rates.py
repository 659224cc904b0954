"""How often something may be tried in some time."""

import re
from dataclasses import dataclass
from typing import Self

_WRITTEN = re.compile(r"\s*(\d+) *(?:per|/) *(\d*) *(second|minute|hour|day)s?\s*", re.ASCII | re.IGNORECASE)
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True)
class Rate:
    """So many tries in so many seconds."""

    amount: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a rate like 60 per hour; raise ValueError."""
        written = _WRITTEN.fullmatch(text)
        if written is None:
            raise ValueError("must be a rate like 60 per hour")
        amount, units, unit = written.groups()
        return cls(int(amount), int(units or 1) * _SECONDS[unit.lower()])
