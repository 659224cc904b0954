"""Kill processes at random, fail each call that goes outside, let neighbours hang, and hold the promises."""

import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import click

from tests.seams.seam_table import SeamTable
from tests.trust.neighbours import measure_neighbours
from tests.trust.promises import PROMISES
from tests.trust.rounds import play
from tests.trust.trust_run import prepared

_ROW = "{:<56} {:>8} {:>8}"


#: What is proven one after the other; any of them alone with --part.
PARTS = ("kills", "seams", "neighbours")


@click.command()
@click.option("--rounds", default=50, show_default=True, help="Kills.")
@click.option("--seed", default=lambda: secrets.token_hex(4), help="Repeats the choices of an earlier run.")
@click.option("--engine", default="sqlite", show_default=True, type=click.Choice(["sqlite", "postgresql"]))
@click.option("--part", "parts", default=PARTS, multiple=True, type=click.Choice(PARTS), help="Only this.")
def main(rounds: int, seed: str, engine: str, parts: tuple[str, ...]) -> None:
    """Kill processes at random and see what became of the promises."""
    began = perf_counter()
    broken: list[str] = []
    if "kills" in parts:
        broken += _kill(rounds, seed, engine)
    if "seams" in parts:
        broken += _fail_seams()
    if "neighbours" in parts:
        _let_neighbours_hang()
    click.echo(f"{perf_counter() - began:.0f} s in all")
    sys.exit(bool(broken))


def _kill(rounds: int, seed: str, engine: str) -> list[str]:
    """Play the rounds and hold the promises; return what is broken."""
    click.echo(f"{rounds} rounds on {engine}, seed {seed}")
    began = perf_counter()

    def print_progress(number: int) -> None:
        if number % 10 == 0 or number == rounds:
            click.echo(f"round {number}: {number} kills after {perf_counter() - began:.0f} s")

    with TemporaryDirectory(prefix="caro-trust-") as folder, prepared(engine, Path(folder)) as run:
        evidence = play(run, rounds, seed, print_progress)
        findings = [(promise.words, promise.look(evidence)) for promise in PROMISES]
    click.echo(f"\n{_ROW.format('', 'seen', 'broken')}")
    for words, finding in findings:
        click.echo(_ROW.format(words, finding.seen, len(finding.broken)))
    broken = [f"{words}: {one}" for words, finding in findings for one in finding.broken[:3]]
    _print_broken(broken)
    return broken


def _fail_seams() -> list[str]:
    """Fail each seam on both engines; return what is broken."""
    seams = SeamTable()
    for line in seams.lines():
        click.echo(line)
    _print_broken(seams.broken[:50])
    return seams.broken


def _let_neighbours_hang() -> None:
    click.echo("\nWhile something outside hangs:\n")
    with TemporaryDirectory(prefix="caro-trust-") as folder:
        for line in measure_neighbours(Path(folder)):
            click.echo(line)


def _print_broken(broken: Sequence[str]) -> None:
    click.echo("".join(f"\n{line}" for line in broken), nl=bool(broken))


if __name__ == "__main__":
    main()
