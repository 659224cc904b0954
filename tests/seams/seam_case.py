"""What is made to fail: one use case, one form of a page, or one job of the worker."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from tests.seams.seam_world import SeamWorld

#: Done once it is the use case, done again it is whoever tries a second time.
Act = Callable[[], Any]
Prepare = Callable[[SeamWorld], Act]
Cases = Mapping[str, Prepare]


class CaseKind(Enum):
    """Who meets the failure."""

    USE_CASE = auto()
    PAGE = auto()
    JOB = auto()


@dataclass(frozen=True)
class SeamCase:
    """How the world is prepared, and what is then done in it."""

    kind: CaseKind
    name: str
    prepare: Prepare
