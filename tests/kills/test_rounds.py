"""A few rounds of random kills; `make trust` plays many."""

from pathlib import Path

from tests.trust.promises import PROMISES
from tests.trust.rounds import play
from tests.trust.trust_run import prepared

ROUNDS = 6


def test_whoever_is_killed_when_every_promise_holds(engine: str, tmp_path: Path) -> None:
    with prepared(engine, tmp_path) as run:
        evidence = play(run, ROUNDS, "suite")
        found = {promise.words: promise.look(evidence) for promise in PROMISES}

    assert {words: finding.broken for words, finding in found.items() if finding.broken} == {}
    assert evidence.acknowledged, "nobody was told anything"
    assert evidence.mails, "nothing was sent"
