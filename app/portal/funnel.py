"""How far the requests of an office have come, as a drawing: four stages, and the problems beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel.speaklater import LazyString

from app.activations.directory import COUNTED, Page
from app.domain.activation import State
from app.domain.labels import Label
from app.i18n import _l
from app.wording.labels import LABELS


@dataclass(frozen=True)
class Stage:
    """One bar: how many stand there, which share of all that is, and the filter that lists them."""

    name: LazyString
    count: str
    share: int
    label: Label


def funnel(page: Page) -> Sequence[Stage]:
    """Return the stages of a list; none beyond the first page, or where nothing was ever ordered."""
    if page.under_way is None:
        return ()
    invited, active, problem = (
        page.counts[label] for label in (Label.INVITATION_SENT, Label.ACTIVE, Label.PROBLEM)
    )
    accepted, at_bank = (page.under_way[state] for state in (State.TERMS_ACCEPTED, State.AWAITING_BANK))
    whole = invited + active + problem
    more = invited > COUNTED
    stages = (
        (_l("Invited"), invited - accepted - at_bank, more, Label.INVITATION_SENT),
        (_l("Conditions accepted"), accepted, more, Label.INVITATION_SENT),
        (_l("At the bank"), at_bank, more, Label.INVITATION_SENT),
        (LABELS[Label.ACTIVE], active, active > COUNTED, Label.ACTIVE),
        (LABELS[Label.PROBLEM], problem, problem > COUNTED, Label.PROBLEM),
    )
    return tuple(
        Stage(name, told(count, more), round(100 * count / whole), label)
        for name, count, more, label in stages
        if whole
    )


def told(count: int, more: bool) -> str:
    """Write a count as far as it was counted."""
    return f"{min(count, COUNTED)}+" if more else str(count)
