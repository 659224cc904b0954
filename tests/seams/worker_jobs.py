"""The jobs of the worker, by name, each with something to do."""

from collections.abc import Callable
from threading import Event as Stop

from app.domain.bank_results import AppDecision, BankFaultKind
from app.jobs import JOBS, UPKEEP, run_jobs
from tests.seams.office_cases import forget_orders, prepare_digest
from tests.seams.seam_case import Act, Cases, Prepare
from tests.seams.seam_world import SeamWorld
from tests.seams.use_cases import USE_CASES
from tests.support.activation_factory import SIGNED

_BY_NAME = {job.name: job for job in (*JOBS, *UPKEEP)}


def _conclude(world: SeamWorld) -> None:
    """One is decided, one is not known to the bank, one is refused in the meantime."""
    for result in (SIGNED, BankFaultKind.UNKNOWN_TRANSACTION):
        world.activations.create_at_bank()
        world.bank.decides(result)
    world.clock.advance(minutes=2)


def _answer_in_app(world: SeamWorld) -> None:
    for decision in (AppDecision.CONFIRMED, AppDecision.REFUSED):
        public_id = world.activations.create_at_kbc()
        world.bank_app.decides(public_id, decision)


def _queue_mails(world: SeamWorld) -> None:
    """A confirmation, after which an address goes, an invitation, and one that is no longer wanted."""
    world.activations.create_active()
    world.activations.create_invited()
    world.activations.create_cancelled()


def _start_bulk(world: SeamWorld) -> None:
    USE_CASES["bulk_actions.continue_actions"](world)


def _remind(world: SeamWorld) -> None:
    for _ in range(2):
        world.create("invited")
    world.clock.advance(days=14)


def _job(name: str, prepare_work: Callable[[SeamWorld], object] | None = None) -> Prepare:
    job = _BY_NAME[name]

    def prepare(world: SeamWorld) -> Act:
        if prepare_work:
            prepare_work(world)
        return lambda: name in run_jobs(world.services, Stop(), (job,))

    return prepare


WORKER_JOBS: Cases = {
    "conclude": _job("conclude", _conclude),
    "ask_bank_apps": _job("ask_bank_apps", _answer_in_app),
    "bulk": _job("bulk", _start_bulk),
    "remind": _job("remind", _remind),
    "digest": _job("digest", prepare_digest),
    "deliver": _job("deliver", _queue_mails),
    "expire": _job("expire", lambda world: world.activations.create_over()),
    "forget": _job("forget", forget_orders),
    "erase": _job("erase", lambda world: world.activations.create_invited()),
    "beat": _job("beat"),
    "prune": _job("prune", USE_CASES["retention.delete_old_rows"]),
    "vacuum": _job("vacuum", USE_CASES["retention.vacuum_at_night"]),
}
