"""What happens is written twice: for the accountant in a row, for the operator in the log."""

from sqlalchemy import select

from app.db import Database
from app.models import Event
from app.web.extensions import Services
from tests.support.cardholder_steps import CARD, CardholderSteps
from tests.support.event_lines import capture_logs
from tests.support.office import ADDRESS, ORDER


def test_the_log_tells_what_the_history_tells(services: Services, database: Database) -> None:
    with capture_logs() as lines:
        ordered = services.orders.place_order(ORDER)
        holder = CardholderSteps(services, services.invitations.copy_link(ordered.public_id, "test"))
        holder.accept()
        holder.submit()
        services.attempt_results.give_up_attempt(holder.activation)
        services.invitations.cancel_activation(ordered.public_id, "test")

    with database.read_connection() as connection:
        happened = connection.execute(select(Event.event_type).order_by(Event.id)).scalars().all()
    assert [line["event"] for line in lines] == list(happened)
    assert len(happened) == 6
    for secret in (ADDRESS, CARD.number, holder.token, holder.cookie):
        assert secret not in str(lines)
