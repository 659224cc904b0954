"""Run a case once to find its seams, then once for each of them and each way to fail; judge what is left."""

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from sqlalchemy.exc import DBAPIError
from werkzeug.test import TestResponse

from app.bank.gateway import BankFault
from app.domain.order_rules import ActionRefused
from app.services.colleagues import AlreadyColleague, UnknownColleague
from app.services.links import LinkUnavailable
from app.services.office_messages import OutdatedMessage
from app.services.offices import AccountantExists
from tests.seams.office_cases import OFFICE_PAGES, OFFICE_USE_CASES
from tests.seams.pages import LANGUAGE, PAGES
from tests.seams.seam_case import Act, CaseKind, Cases, SeamCase
from tests.seams.seam_watch import JUMPS, Failure, Fault, Seam
from tests.seams.seam_world import SeamWorld
from tests.seams.use_cases import USE_CASES
from tests.seams.worker_jobs import WORKER_JOBS

ALL_USE_CASES: Cases = {**USE_CASES, **OFFICE_USE_CASES}
ALL_PAGES: Cases = {**PAGES, **OFFICE_PAGES}
_TABLES = ((CaseKind.USE_CASE, ALL_USE_CASES), (CaseKind.PAGE, ALL_PAGES), (CaseKind.JOB, WORKER_JOBS))
CASES = tuple(SeamCase(kind, name, prepare) for kind, cases in _TABLES for name, prepare in cases.items())
#: What a use case may say where it was not done, and what it says where it was done before.
_SAID = (
    DBAPIError,
    BankFault,
    ActionRefused,
    LinkUnavailable,
    OutdatedMessage,
    AccountantExists,
    AlreadyColleague,
    UnknownColleague,
)
#: What a reader may be told: gone on, wrong in the form, not now, too late, in turn, unavailable.
_STATUSES = frozenset({200, 204, 303, 404, 409, 410, 422, 429, 503})
#: The seams whose failure a use case tells: what the bank and the relay do is part of its answer.
_TOLD = frozenset({Seam.STATEMENT, Seam.COMMIT, Seam.RATES})
#: What reads once more what it has written, to see whether another was quicker.
LOOKS_AGAIN = frozenset({"terms.publish"})
_LATER = timedelta(minutes=15)


@dataclass(frozen=True)
class Answer:
    """What whoever asked was told; two runs of one case say the same where they did the same."""

    said: str
    faults: tuple[str, ...] = ()


@dataclass
class CaseReport:
    """What a case has outside itself, how often that failed, and what broke."""

    case: SeamCase
    seams: Sequence[Seam]
    failed: Counter[Seam] = field(default_factory=Counter)
    states: int = 0
    broken: list[str] = field(default_factory=list)

    @property
    def found(self) -> Counter[Seam]:
        """How many seams there are of each kind, times the ways to fail."""
        return Counter({seam: count * len(Failure) for seam, count in Counter(self.seams).items()})


@dataclass
class _Expected:
    """How the case ends where nothing fails: after one time, after a second one, and after a later one."""

    answer: Answer
    facts: tuple[Counter[str], ...]


class SeamRunner:
    """One case in one world."""

    def __init__(self, world: SeamWorld, case: SeamCase) -> None:
        self._world, self._case = world, case
        world.begin_anew()
        with self._context():
            self._act = case.prepare(world)
        self._before = world.take_snapshot()
        self._expected, seams = self._find_seams()
        self.report = CaseReport(case, seams)
        self._known: set[frozenset[tuple[str, int]]] = set()

    def all_faults(self) -> Iterator[Fault]:
        """Yield each way to fail of each seam."""
        for number in range(1, len(self.report.seams) + 1):
            yield from (Fault(number, failure) for failure in Failure)

    def fail_each(self, faults: Iterable[Fault], *, to_rest: bool) -> CaseReport:
        """Let each fault happen, each in the world as it was before."""
        for fault in faults:
            self._world.restore(self._before)
            where = f"{self._case.name}, call {fault.number} {fault.failure}"
            self.report.broken += [f"{where}: {one}" for one in self._fail(fault, to_rest=to_rest)]
        self.report.states = len(self._known)
        return self.report

    def _find_seams(self) -> tuple[_Expected, list[Seam]]:
        with self._world.watch.run():
            answer = self._ask(self._act)
        seams = list(self._world.watch.passed)
        once = self._world.facts()
        assert not answer.faults, f"{self._case.name}: {answer.faults}"
        self._try_again()
        twice = self._world.facts()
        self._try_later()
        return _Expected(answer, (once, twice, self._world.facts())), seams

    def _fail(self, fault: Fault, *, to_rest: bool) -> Iterator[str]:
        world = self._world
        with world.watch.run(fault):
            answer = self._ask(self._act)
        seam = world.watch.failed_at
        if seam is None:
            yield "there was no such call"
            return
        self.report.failed[seam] += 1
        yield from answer.faults
        if world.connections_in_use():
            yield "a connection was not given back"
        if not world.watch.commits and world.rows() != self._before.rows:
            yield "something was written that was never committed"
        is_new = yield from self._judge_state()
        yield from self._judge_answer(fault, seam, answer)
        yield from self._judge_second_try(fault, to_rest=to_rest)
        if to_rest and is_new:
            # Nobody tries again.
            world.restore(self._before)
            with world.watch.run(fault):
                self._ask(self._act)
            yield from (f"left, and at rest: {one}" for one in world.broken_at_rest())

    def _judge_answer(self, fault: Fault, seam: Seam, answer: Answer) -> Iterator[str]:
        """Whoever is told that it is done finds it done, and whoever is told otherwise does not."""
        jumps = fault.failure in JUMPS
        is_told = not jumps and seam in _TOLD and self._case.kind is not CaseKind.JOB
        if is_told and answer.said == self._expected.answer.said:
            yield from self._missing("it was said to be done")
        if self._is_done_before(fault) and answer.said != self._expected.answer.said:
            yield f"all of it was done, and what was said is {answer.said}"

    def _judge_second_try(self, fault: Fault, *, to_rest: bool) -> Iterator[str]:
        """Whoever tries again comes to the end that there is where nothing fails."""
        yield from self._try_again().faults
        if fault.failure not in JUMPS and any(self._missing("")):
            # What waits for the end of a lease, or for the worker, says so meanwhile.
            yield from self._try_later().faults
            yield from self._missing("it was tried again, and later once more")
        is_new = yield from self._judge_state()
        if to_rest and is_new:
            yield from (f"at rest: {one}" for one in self._world.broken_at_rest())

    def _is_done_before(self, fault: Fault) -> bool:
        """Tell whether everything that is to be kept was, when the call came that fails."""
        if self._case.name in LOOKS_AGAIN:
            return False
        seams = self.report.seams
        return (
            Seam.COMMIT in seams
            and Seam.COMMIT not in seams[fault.number - 1 :]
            and fault.failure not in JUMPS
        )

    def _ask(self, act: Act) -> Answer:
        with self._context():
            try:
                return _ANSWERS[self._case.kind](act)
            except Exception as error:  # whatever nobody has thought of is what is looked for
                return Answer("raised", (f"nothing is to raise {error!r}",))

    def _context(self) -> AbstractContextManager[object]:
        """A page has a context of its own, and no other must lie round it."""
        return nullcontext() if self._case.kind is CaseKind.PAGE else self._world.app.app_context()

    def _try_again(self) -> Answer:
        if self._case.kind is CaseKind.JOB:
            self._world.clock.now += _LATER
        return self._ask(self._act)

    def _try_later(self) -> Answer:
        self._world.let_worker_work(_LATER)
        return self._ask(self._act)

    def _missing(self, when: str) -> Iterator[str]:
        """Say what is not there that is where nothing fails."""
        facts = self._world.facts().keys()
        missing = [expected.keys() - facts for expected in self._expected.facts]
        if all(missing):
            yield f"{when}, and this is missing: {min(map(sorted, missing), key=len)}"

    def _judge_state(self) -> Generator[str, None, bool]:
        """Hold a state that was not met yet against what holds at any moment; return whether it is new."""
        state = frozenset(self._world.facts().items())
        if state in self._known:
            return False
        self._known.add(state)
        yield from self._world.broken_now()
        return True


def _ask_use_case(act: Act) -> Answer:
    try:
        act()
    except _SAID as said:
        return Answer(type(said).__name__)
    return Answer("done")


def _ask_page(act: Act) -> Answer:
    answer: TestResponse = act()
    return Answer(f"{answer.status_code} {urlsplit(answer.location or '').path}", tuple(_faults(answer)))


def _faults(answer: TestResponse) -> Iterator[str]:
    if answer.status_code not in _STATUSES:
        yield f"the reader was told {answer.status_code}"
    if answer.status_code in (303, 204):
        return
    root: Any = BeautifulSoup(answer.text, "html.parser").html
    if root is None or root.get("lang") != LANGUAGE or "Traceback" in answer.text:
        yield "the reader got no page in the language that was chosen"
    if answer.status_code == 503 and "Retry-After" not in answer.headers:
        yield "the reader was not told when to come again"


def _ask_job(act: Act) -> Answer:
    return Answer("done" if act() else "put off")


_ANSWERS = {CaseKind.USE_CASE: _ask_use_case, CaseKind.PAGE: _ask_page, CaseKind.JOB: _ask_job}


def run_all(world: SeamWorld) -> Iterator[CaseReport]:
    """Fail everything."""
    for case in CASES:
        runner = SeamRunner(world, case)
        yield runner.fail_each(runner.all_faults(), to_rest=True)


def run_sample(world: SeamWorld, seed: str, cases: int, faults: int) -> Iterator[CaseReport]:
    """Fail so many calls of so many cases, the same ones for the same seed."""
    chance = Random(seed)
    for case in chance.sample(CASES, cases):
        runner = SeamRunner(world, case)
        chosen = list(runner.all_faults())
        yield runner.fail_each(chance.sample(chosen, min(faults, len(chosen))), to_rest=False)
