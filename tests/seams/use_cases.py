"""The use cases that write, by service and method; all other methods only read."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from inspect import signature
from typing import Any

from sqlalchemy import select

from app.domain.bank_results import BankResult, TransactionStatus
from app.domain.message_rules import OfficeMessage
from app.domain.roles import Role
from app.domain.states import version_mark
from app.domain.verdicts import judge_result
from app.models import Activation, OutboxMessage
from app.queries.activation_view import read_activation
from app.queries.list_query import ListQuery
from app.services.bulk_actions import BulkCommand
from app.services.dossier_import import import_dossiers
from app.services.erasure import ErasureRecord
from app.services.invitations import ActivationAction
from app.services.list_export import ExportFormat
from app.services.sign_in import SignedInAccountant
from app.web.extensions import Services
from tests.seams.seam_case import Act, Cases, Prepare
from tests.seams.seam_world import SeamWorld
from tests.support.activation_factory import SIGNED
from tests.support.cardholder_steps import AGREEMENT, BROWSER, CARD, CardholderSteps
from tests.support.office import ACCOUNTANT, OFFICE, order_for
from tests.trust.actors import DOMAIN

_NEW_ADDRESS = f"other@{DOMAIN}"
_REFUSED = BankResult(TransactionStatus.NOT_AUTHENTICATED, reason="19")
_DOSSIERS = (
    "Bureau;E-mail comptable;Code;Nom;Banque;IBAN;État\n"
    "Bureau Neuf;neuf@office.example;N1;Neuf SA;Belfius;BE71 0961 2345 6769;actif\n"
)


def _on(state: str, act: Callable[[Services, str], object], **later: float) -> Prepare:
    """Do something with a request in a state of its life."""

    def prepare(world: SeamWorld) -> Act:
        public_id = world.create(state)
        world.clock.advance(**later)
        return lambda: act(world.services, public_id)

    return prepare


def _for_cardholder(state: str, act: Callable[[CardholderSteps], object]) -> Prepare:
    """Do something as the cardholder saw the request at first."""

    def prepare(world: SeamWorld) -> Act:
        public_id = world.create(state)
        holder = CardholderSteps(world.services, world.services.invitations.copy_link(public_id, "anne"))
        return lambda: act(holder)

    return prepare


def _at_bank(
    act: Callable[[Services, str, CardholderSteps], object],
    result: BankResult | None = SIGNED,
    **later: float,
) -> Prepare:
    """Do something with the transaction of a cardholder who is at the bank, where it is decided already."""

    def prepare(world: SeamWorld) -> Act:
        holder = world.activations.create_cardholder()
        holder.submit()
        if result:
            world.bank.decides(result)
        world.clock.advance(**later)
        transaction = world.bank.transaction
        return lambda: act(world.services, transaction, holder)

    return prepare


def visitor_of(world: SeamWorld) -> tuple[str, SignedInAccountant]:
    """Sign the accountant in; return the session's secret and who it is."""
    link = world.services.sign_in.create_sign_in_link(ACCOUNTANT) or ""
    opened = world.services.sign_in.claim_sign_in_link(link.rpartition("/")[2])
    assert opened
    who = world.services.sign_in.find_session(opened.secret)
    assert who
    return opened.secret, who


def _with_bulk(
    act: Callable[[Services, BulkCommand, SignedInAccountant], object], *, confirmed: bool | None = None
) -> Prepare:
    """Do something with many requests, which was kept already where it says whether it was confirmed."""

    def prepare(world: SeamWorld) -> Act:
        ids = [world.create("invited") for _ in range(2)]
        marks = {public_id: mark_of(world, public_id) for public_id in ids}
        command, (_secret, who) = BulkCommand("b" * 24, ActivationAction.RESEND, marks), visitor_of(world)
        if confirmed is not None:
            world.services.bulk_actions.prepare_action(command, who, confirmed=confirmed)
        return lambda: act(world.services, command, who)

    return prepare


def mark_of(world: SeamWorld, public_id: str) -> str:
    with world.database.read_connection() as connection:
        found = read_activation(connection, public_id)
        query = select(Activation.round).where(Activation.public_id == public_id)
        assert found
        return version_mark(found.state, found.generation, connection.execute(query).scalar_one())


def _place_order(world: SeamWorld) -> Act:
    order = order_for(address=f"holder@{DOMAIN}")
    return lambda: world.services.orders.place_order(order)


def _deliver(world: SeamWorld) -> Act:
    world.activations.create_active()
    return world.services.outbox.deliver_due


def _send_office_message(world: SeamWorld) -> Act:
    public_id = world.create("expired")
    with world.database.read_connection() as connection:
        activation = read_activation(connection, public_id)
    assert activation
    signed = world.services.office_messages.sign_messages(activation, [OfficeMessage.NEW_LINK])
    return lambda: world.services.office_messages.send_message(signed[OfficeMessage.NEW_LINK])


def _claim(world: SeamWorld) -> Act:
    token = (world.services.sign_in.create_sign_in_link(ACCOUNTANT) or "").rpartition("/")[2]
    return lambda: world.services.sign_in.claim_sign_in_link(token)


def _find_session(world: SeamWorld) -> Act:
    secret, _who = visitor_of(world)
    world.clock.advance(minutes=2)
    return lambda: world.services.sign_in.find_session(secret)


def _end_session(world: SeamWorld) -> Act:
    _secret, who = visitor_of(world)
    return lambda: world.services.sign_in.end_session(who)


def _export(world: SeamWorld) -> Act:
    world.create("invited")
    _secret, who = visitor_of(world)
    return lambda: list(world.services.list_exports.export_list(ListQuery(), ExportFormat.CSV, who))


def _retry_mails(world: SeamWorld) -> Act:
    world.create("cancelled")
    with world.database.transaction() as session:
        for mail in session.scalars(select(OutboxMessage)):
            mail.sent_at, mail.dead_at = None, world.clock()
    return world.services.dead_mails.retry_dead_mails


def _prune(world: SeamWorld) -> Act:
    world.create("cancelled")
    visitor_of(world)
    world.services.worker_health.record_heartbeat("elsewhere")
    world.clock.advance(days=500)
    return world.services.retention.delete_old_rows


def _vacuum(world: SeamWorld) -> Act:
    world.clock.advance(hours=17)
    return world.services.retention.vacuum_at_night


def _enable(world: SeamWorld) -> Act:
    world.services.sign_in.disable_accountant(ACCOUNTANT)
    return lambda: world.services.sign_in.enable_accountant(ACCOUNTANT)


def _erase_again(world: SeamWorld) -> Act:
    public_id = world.activations.create_invited()
    record = ErasureRecord(public_id, world.clock() + timedelta(minutes=1))
    return lambda: world.services.erasure.repeat_erasures([record])


def _publish(world: SeamWorld) -> Act:
    snapshot = world.take_snapshot()
    kept = {table: () if table.name == "published_terms" else rows for table, rows in snapshot.rows.items()}
    world.write_rows(kept)
    return world.services.terms.publish


USE_CASES: Cases = {
    "orders.place_order": _place_order,
    "invitations.resend_invitation": _on(
        "invited", lambda found, public_id: found.invitations.resend_invitation(public_id, "anne"), days=2
    ),
    "invitations.send_reminder": _on(
        "invited", lambda found, public_id: found.invitations.send_reminder(public_id, "anne"), days=2
    ),
    "invitations.replace_link": _on(
        "at_bank", lambda found, public_id: found.invitations.replace_link(public_id, "anne", _NEW_ADDRESS)
    ),
    "invitations.cancel_activation": _on(
        "at_bank", lambda found, public_id: found.invitations.cancel_activation(public_id, "anne")
    ),
    "invitations.revoke_activation": _on(
        "active", lambda found, public_id: found.invitations.revoke_activation(public_id, "anne")
    ),
    "invitations.relaunch_activation": _on(
        "cancelled",
        lambda found, public_id: found.invitations.relaunch_activation(public_id, "anne", _NEW_ADDRESS),
    ),
    "invitations.change_language": _on(
        "invited", lambda found, public_id: found.invitations.change_language(public_id, "anne", "de")
    ),
    "invitations.show_link": _on("invited", lambda found, key: found.invitations.show_link(key, "anne")),
    "invitations.copy_link": _on("invited", lambda found, key: found.invitations.copy_link(key, "anne")),
    "invitations.expire_due_activations": _on(
        "over", lambda found, public_id: found.invitations.expire_due_activations()
    ),
    "consents.accept_terms": _for_cardholder("invited", lambda holder: _accept(holder)),
    "card_attempts.submit_card": _for_cardholder(
        "terms_accepted",
        lambda holder: holder.services.card_attempts.submit_card(holder.activation, CARD, BROWSER),
    ),
    "attempt_results.receive_return": _at_bank(
        lambda found, transaction, holder: holder.come_back(
            {"threeDSSessionData": found.context.tokens.sign_attempt_handle(transaction)}
        )
    ),
    "attempt_results.process_return": _at_bank(
        lambda found, transaction, holder: found.attempt_results.process_return(transaction)
    ),
    "attempt_results.check_open_attempt": _at_bank(
        lambda found, transaction, holder: found.attempt_results.check_open_attempt(holder.activation)
    ),
    "attempt_results.give_up_attempt": _at_bank(
        lambda found, transaction, holder: found.attempt_results.give_up_attempt(holder.activation), None
    ),
    "attempt_results.check_due_attempts": _at_bank(
        lambda found, transaction, holder: found.attempt_results.check_due_attempts(), minutes=2
    ),
    "attempt_results.apply_result": _at_bank(
        lambda found, transaction, holder: found.attempt_results.apply_result(transaction, SIGNED)
    ),
    "attempt_results.record_failure": _at_bank(
        lambda found, transaction, holder: found.attempt_results.record_failure(
            transaction, judge_result(_REFUSED), _REFUSED
        ),
        _REFUSED,
    ),
    "bank_apps.exchange_with_bank_apps": _on(
        "at_kbc", lambda found, public_id: found.bank_apps.exchange_with_bank_apps()
    ),
    "bulk_actions.prepare_action": _with_bulk(
        lambda found, command, who: found.bulk_actions.prepare_action(command, who, confirmed=True)
    ),
    "bulk_actions.confirm_action": _with_bulk(
        lambda found, command, who: found.bulk_actions.confirm_action(command.public_id, who), confirmed=False
    ),
    "bulk_actions.perform_action": _with_bulk(
        lambda found, command, who: found.bulk_actions.perform_action(command.public_id), confirmed=True
    ),
    "bulk_actions.continue_actions": _with_bulk(
        lambda found, command, who: found.bulk_actions.continue_actions(), confirmed=True
    ),
    "reminders.queue_due_reminders": _on(
        "invited", lambda found, public_id: found.reminders.queue_due_reminders(), days=14
    ),
    "erasure.repeat_erasures": _erase_again,
    "office_messages.send_message": _send_office_message,
    "offices.set_telephone": lambda world: (
        lambda: world.services.offices.set_telephone(OFFICE, "02 123 45 67")
    ),
    "offices.add_accountant": lambda world: (
        lambda: world.services.offices.add_accountant(OFFICE, "bob@office.example", "nl", Role.READER)
    ),
    "list_exports.export_list": _export,
    "dead_mails.retry_dead_mails": _retry_mails,
    "retention.delete_old_rows": _prune,
    "retention.vacuum_at_night": _vacuum,
    "worker_health.record_heartbeat": lambda world: (
        lambda: world.services.worker_health.record_heartbeat("here")
    ),
    "sign_in.request_sign_in_link": lambda world: (
        lambda: world.services.sign_in.request_sign_in_link(ACCOUNTANT, "192.0.2.1")
    ),
    "sign_in.create_sign_in_link": lambda world: (
        lambda: world.services.sign_in.create_sign_in_link(ACCOUNTANT)
    ),
    "sign_in.claim_sign_in_link": _claim,
    "sign_in.find_session": _find_session,
    "sign_in.end_session": _end_session,
    "sign_in.disable_accountant": lambda world: lambda: world.services.sign_in.disable_accountant(ACCOUNTANT),
    "sign_in.enable_accountant": _enable,
    "terms.publish": _publish,
    "outbox.deliver_due": _deliver,
    "import_dossiers": lambda world: lambda: import_dossiers(world.database, _DOSSIERS.encode()),
}

#: What only reads, or writes within the transaction of another.
READING = frozenset(
    {
        "news.find_reader",
        "news.read_choice",
        "orders.read_order_options",
        "orders.review_order",
        "orders.is_double_click",
        "orders.find_dossier_id",
        "invitations.on_done",
        "links.open_link",
        "links.sign_cookie",
        "links.open_page",
        "links.first_step",
        "links.last_attempt",
        "links.receipt",
        "links.has_cookie",
        "links.returned_attempt",
        "card_attempts.card_page_opens_at",
        "card_attempts.challenge_form",
        "erasure.list_erasures",
        "office_messages.sign_messages",
        "office_messages.read_receipt",
        "offices.list_offices",
        "dead_mails.list_dead_mails",
        "worker_health.read_heartbeat",
        "sign_in.find_open",
        "sign_in.find_own_link",
        "sign_in.list_accountants",
        "bulk_orders.read_order",
        "colleagues.find_invitation",
        "colleagues.is_invitation",
        "colleagues.is_own_invitation",
        "colleagues.list_colleagues",
        "colleagues.list_invitations",
        "dossier_uploads.plan_upload",
        "offices.read_settings",
        "orders.on_placed",
        "sign_in.list_sessions",
        "terms.current",
        "terms.read",
        "outbox.for_office",
    }
)


def service_methods() -> Iterator[str]:
    """Name each public method of each service of the application."""
    for name, member in vars(Services).items():
        made = getattr(member, "_service", None) or _returned(member)
        if made is None or not made.__module__.startswith("app.services"):
            continue
        for method in vars(made):
            if not method.startswith("_") and callable(getattr(made, method)):
                yield f"{name}.{method}"
    yield from ("outbox.deliver_due", "outbox.for_office")


def _returned(member: Any) -> Any:
    return signature(member.fget).return_annotation if isinstance(member, property) and member.fget else None


def _accept(holder: CardholderSteps) -> None:
    seen = holder.activation
    holder.services.consents.accept_terms(seen, AGREEMENT)
