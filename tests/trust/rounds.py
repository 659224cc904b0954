"""The rounds: somebody is killed at a random moment and started again, while time goes on for the others."""

import random
import signal
from collections.abc import Callable
from datetime import timedelta

from app.db import Database
from tests.kills.killable import PROCESSES
from tests.support.doubles import START
from tests.trust.actors import LIFE, be
from tests.trust.evidence import TrustEvidence, collect
from tests.trust.trust_run import TrustRun

#: Seconds within which a process is killed once it works.
_LONGEST = 1.5
_KILLED = ("worker", "people")


class EndedByItself(Exception):
    """A process ended that nobody had killed."""


class ActorProcess:
    """One process that works already; killed, another takes its place."""

    def __init__(self, run: TrustRun, name: str, seed: str) -> None:
        self.name = name
        hear, tell = PROCESSES.Pipe(duplex=False)
        self._process = PROCESSES.Process(target=be, args=(name, run, seed, tell), daemon=True)
        self._process.start()
        tell.close()
        with hear:
            hear.recv()

    def live(self, seconds: float) -> None:
        """Let it work that long; raise EndedByItself where it ends by itself."""
        self._process.join(seconds)
        if self._process.exitcode is not None:
            raise EndedByItself(self.name)

    def kill(self) -> None:
        """Kill it, without leaving it a moment more."""
        self._process.kill()
        self._process.join()
        if self._process.exitcode != -signal.SIGKILL:
            raise EndedByItself(self.name)


def play(
    run: TrustRun, rounds: int, seed: str, report: Callable[[int], None] = lambda number: None
) -> TrustEvidence:
    """Play the rounds, let what is left come to its end, and return what is there then."""
    chance = random.Random(seed)
    days = max(2, LIFE.days // rounds)
    players = {name: ActorProcess(run, name, seed) for name in _KILLED}
    try:
        for number in range(1, rounds + 1):
            name = chance.choice(_KILLED)
            players[name].live(chance.uniform(0, _LONGEST))
            players[name].kill()
            run.clock.turn_to(START + timedelta(days=number * days))
            players[name] = ActorProcess(run, name, f"{seed}-{number}")
            report(number)
    finally:
        for player in players.values():
            player.kill()
    ActorProcess(run, "heir", seed).kill()
    database = Database(run.url)
    try:
        return collect(database, run, kills=rounds + len(players) + 1)
    finally:
        database.close_connections()
