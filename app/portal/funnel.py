"""How far the requests of an office have come, as a drawing: four stages, and the problems beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel.speaklater import LazyString

from app.activations.directory import COUNTED, ActivationPage
from app.domain.states import ActivationState, StatusLabel
from app.i18n import _l
from app.wording import LABELS


@dataclass(frozen=True)
class FunnelBar:
    """One bar: how many stand there, which share of all that is, and the filter that lists them."""

    name: LazyString
    count: str
    share: int
    label: StatusLabel


def build_funnel(page: ActivationPage) -> Sequence[FunnelBar]:
    """Return the stages of a list; none beyond the first page, or where nothing was ever ordered."""
    if page.under_way is None:
        return ()
    invited, active, problem = (
        page.counts[label] for label in (StatusLabel.INVITATION_SENT, StatusLabel.ACTIVE, StatusLabel.PROBLEM)
    )
    accepted, at_bank = (
        page.under_way[state] for state in (ActivationState.TERMS_ACCEPTED, ActivationState.AWAITING_BANK)
    )
    whole = invited + active + problem
    more = invited > COUNTED
    stages = (
        (_l("Invited"), invited - accepted - at_bank, more, StatusLabel.INVITATION_SENT),
        (_l("Conditions accepted"), accepted, more, StatusLabel.INVITATION_SENT),
        (_l("At the bank"), at_bank, more, StatusLabel.INVITATION_SENT),
        (LABELS[StatusLabel.ACTIVE], active, active > COUNTED, StatusLabel.ACTIVE),
        (LABELS[StatusLabel.PROBLEM], problem, problem > COUNTED, StatusLabel.PROBLEM),
    )
    return tuple(
        FunnelBar(name, format_count(count, more), round(100 * count / whole), label)
        for name, count, more, label in stages
        if whole
    )


def format_count(count: int, more: bool) -> str:
    """Write a count as far as it was counted."""
    return f"{min(count, COUNTED)}+" if more else str(count)
