"""The processes of the rounds: the worker, the people, and whoever clears up in the end."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from multiprocessing.connection import Connection
from threading import Event

from sqlalchemy import select

from app.cli.process_commands import stop_on_signal, work_until_stopped
from app.domain.news_rules import NewsChoice
from app.domain.order_rules import ActionRefused
from app.domain.states import OPEN, ActivationState
from app.jobs import JOBS, UPKEEP, run_jobs
from app.models import Activation, Attempt
from app.services.invitations import ActionOutcome
from app.services.links import LinkUnavailable
from app.tokens import InvalidToken
from app.web.extensions import Services
from tests.kills.bank import REFUSED, SIGNED
from tests.kills.killable import come_back, log_into
from tests.support.cardholder_steps import CardholderSteps
from tests.support.office import ANNE, order_for
from tests.support.office_files import csv_file
from tests.trust.evidence import unfinished
from tests.trust.trust_run import Acknowledgement, TrustRun

Ready = Callable[[], None]

DOMAIN = "holders.example"
#: Long enough for every reminder of an order and for its end.
LIFE = timedelta(days=60)
_PAUSE = 0.02
#: When the file is written anew, in winter and in summer.
_NIGHT = time(2)
#: Nothing is deleted that is looked for in the end.
_WORK = (*JOBS, *(job for job in UPKEEP if job.name == "vacuum"))
_NEWEST = 30
#: Enough that kills come amid them.
_MANY = 8
_HEADINGS = ("Code", "Bank", "Client reference", "Email", "Language")


class TrustActors:
    """Accountants and cardholders who remember nothing: what they do next, they find in the database."""

    def __init__(self, run: TrustRun, services: Services, chance: random.Random) -> None:
        self.run, self.services, self.chance = run, services, chance

    def act(self) -> None:
        """Do one thing; a link that has just died, or a request that has just ended, is no fault."""
        steps, weights = zip(*_STEPS.items(), strict=True)
        (step,) = self.chance.choices(steps, weights)
        with suppress(ActionRefused, LinkUnavailable, InvalidToken):
            step(self)

    def order(self) -> None:
        reference = f"6{self.chance.randrange(10**9):09d}"
        order = order_for(client_reference=reference, address=f"{reference}@{DOMAIN}")
        self._noted("ordered", self.services.orders.place_order(order).public_id)

    def order_many(self) -> None:
        """Hand in a file and order all of it; every other time the worker does all, as after a closed tab."""
        references = [f"7{self.chance.randrange(10**9):09d}" for _ in range(_MANY)]
        rows = [("ACME", "Belfius", number, f"{number}@{DOMAIN}", "fr") for number in references]
        office = self.services.for_office(ANNE.office_id)
        kept = office.bulk_orders.keep_file(csv_file(*rows, headings=_HEADINGS), ANNE, "fr")
        order = office.bulk_orders.read_order(kept)
        if order and office.bulk_orders.confirm_order(kept, ANNE, order.mark):
            self._noted("confirmed", kept)
            if self.chance.random() < 0.5:
                office.bulk_actions.perform_action(kept)
                self._see_order(kept)

    def choose_news(self) -> None:
        """Have a mail for each thing from now on or, mostly, one a day."""
        choice = self.chance.choice((NewsChoice.EACH, NewsChoice.DAILY, NewsChoice.DAILY))
        self.services.news.choose(ANNE.accountant_id, choice)

    def accept(self) -> None:
        if holder := self._somebody(ActivationState.INVITED):
            holder.accept()
            self._noted("terms_accepted", holder.public_id)

    def submit(self) -> None:
        if holder := self._somebody(ActivationState.TERMS_ACCEPTED):
            holder.submit()
            self._noted("submitted", holder.public_id)

    def answer(self) -> None:
        """Sign or be refused at the bank; every other browser never comes back from there."""
        holder = self._somebody(ActivationState.AWAITING_BANK)
        attempt = self.services.links.last_attempt(holder.activation) if holder else None
        if attempt is None or attempt.concluded_at:
            return
        self.run.bank.decides(attempt.transaction, self.chance.choice((SIGNED, SIGNED, REFUSED)))
        if self.chance.random() < 0.5:
            come_back(self.services, self.services.context.tokens.sign_attempt_handle(attempt.transaction))
            self._see(attempt.transaction)

    def resend(self) -> None:
        if public_id := self._pick(*OPEN):
            outcome = self.services.invitations.resend_invitation(public_id, "anne")
            if outcome is ActionOutcome.DONE:
                self._noted("resent", public_id)

    def cancel(self) -> None:
        if public_id := self._pick(*OPEN):
            self.services.invitations.cancel_activation(public_id, "anne")
            self._noted("cancelled", public_id)

    def _see(self, transaction: str) -> None:
        """Note what the page then says of this attempt."""
        found = select(Activation.public_id).join(Attempt).where(Attempt.transaction == transaction)
        active = found.where(Activation.state == ActivationState.ACTIVE)
        with self.services.database.read_connection() as connection:
            public_id = connection.execute(active).scalar_one_or_none()
        if public_id:
            self._noted("activated", public_id)

    def _see_order(self, kept: str) -> None:
        """Note which rows the page then says are ordered."""
        order = self.services.for_office(ANNE.office_id).bulk_orders.read_order(kept)
        for row in order.placed if order else ():
            if row.public_id:
                self._noted("ordered", row.public_id)

    def _noted(self, done: str, public_id: str) -> None:
        self.run.diary.note(Acknowledgement(done, public_id))

    def _somebody(self, state: ActivationState) -> CardholderSteps | None:
        public_id = self._pick(state)
        return (
            CardholderSteps(self.services, self.services.invitations.copy_link(public_id, "anne"))
            if public_id
            else None
        )

    def _pick(self, *states: ActivationState) -> str | None:
        newest = select(Activation.public_id).where(Activation.state.in_(states))
        with self.services.database.read_connection() as connection:
            found = connection.execute(newest.order_by(Activation.id.desc()).limit(_NEWEST)).scalars().all()
        return self.chance.choice(found) if found else None


_STEPS: dict[Callable[[TrustActors], None], int] = {
    TrustActors.order: 6,
    TrustActors.order_many: 2,
    TrustActors.choose_news: 1,
    TrustActors.accept: 6,
    TrustActors.submit: 7,
    TrustActors.answer: 7,
    TrustActors.resend: 2,
    TrustActors.cancel: 1,
}


def be_people(run: TrustRun, services: Services, seed: str, ready: Ready) -> None:
    """Act until killed."""
    people, never = TrustActors(run, services, random.Random(seed)), Event()
    # However soon the kill comes, somebody was told something.
    people.order()
    ready()
    while not never.wait(_PAUSE):
        people.act()


def be_worker(_run: TrustRun, services: Services, _seed: str, ready: Ready) -> None:
    """Do the worker's own loop until killed."""
    ready()
    work_until_stopped(services, stop_on_signal(), _WORK, pause=_PAUSE)


def be_heir(run: TrustRun, services: Services, _seed: str, ready: Ready) -> None:
    """Do the worker's jobs, day by day, until nothing waits or all should long have come to its end.

    It is killed as well: closing in good order, SQLite would remove the log that may hold erased bytes.
    """
    until = run.clock() + 2 * LIFE
    while unfinished(services.database) and run.clock() < until:
        while any(run_jobs(services, Event(), _WORK).values()):
            pass
        run.clock.turn_to(run.clock() + timedelta(days=1))
    run.clock.turn_to(datetime.combine(run.clock() + timedelta(days=1), _NIGHT, UTC))
    run_jobs(services, Event(), _WORK)
    ready()
    Event().wait()


PLAYERS: dict[str, Callable[[TrustRun, Services, str, Ready], None]] = {
    "worker": be_worker,
    "people": be_people,
    "heir": be_heir,
}


def be(name: str, run: TrustRun, seed: str, line: Connection) -> None:
    """Be one of the players, who says when ready, so that the kill meets work and not the start."""
    log_into(run.folder / f"{name}.log")
    with run.process() as services:
        PLAYERS[name](run, services, seed, lambda: line.send(name))
