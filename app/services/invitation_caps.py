"""What bounds the accountant's hand: how often an invitation is sent again and an address changed."""

from sqlalchemy import select

from app.domain.caps import ADDRESS_CHANGES, DAY, HOUR, InvitationRecord, next_allowed_at
from app.domain.order_rules import ActionRefused, OrderProblem
from app.models import Activation, Event, OutboxMessage
from app.models.event import IS_ADDRESS_CHANGE
from app.queries.invitation_mails import INVITATION_MAILS
from app.services.card_attempts import LAST_REFUSALS
from app.services.unit_of_work import UnitOfWork


def invitation_record(work: UnitOfWork, activation: Activation) -> InvitationRecord:
    """Read what the caps of one request count."""
    mails = INVITATION_MAILS.where(OutboxMessage.activation_id == activation.id)
    changes = select(Event.event_type, Event.at).where(
        Event.activation_id == activation.id, Event.event_type.in_(ADDRESS_CHANGES)
    )
    return InvitationRecord(
        mails=work.session.execute(mails).all(),
        history=work.session.execute(changes).all(),
        round=activation.round,
        caps=work.context.policy.caps,
        now=work.now,
    )


def is_card_page_closed(work: UnitOfWork, activation: Activation) -> bool:
    """Tell whether too many refusals have closed the page that a resend opens."""
    cap = work.context.policy.caps.refusals_a_day
    counted = {"activation_id": activation.id, "since": work.now - DAY, "cap": cap}
    return len(work.session.execute(LAST_REFUSALS, counted).all()) >= cap


def require_correction_allowance(work: UnitOfWork, activation: Activation) -> None:
    """Raise ActionRefused, with the time to wait for, where addresses were changed often enough."""
    opens_at = invitation_record(work, activation).can_correct_at
    if opens_at is not None:
        raise ActionRefused(OrderProblem.CORRECTED_TOO_OFTEN, opens_at=opens_at)
    cap = work.context.policy.caps.office_corrections_an_hour
    lately = (
        select(Event.at)
        .join(Activation, Activation.id == Event.activation_id)
        .where(IS_ADDRESS_CHANGE, Event.at > work.now - HOUR, Activation.office_id == activation.office_id)
    )
    opens_at = next_allowed_at(work.session.execute(lately).scalars(), cap, HOUR, work.now)
    if opens_at is not None:
        raise ActionRefused(OrderProblem.OFFICE_CORRECTED_TOO_OFTEN, opens_at=opens_at)
