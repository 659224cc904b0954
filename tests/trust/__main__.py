"""Kill processes at random, fail each call that goes outside, let neighbours hang, and hold the promises."""

import secrets
import sys
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


@click.command()
@click.option("--rounds", default=50, show_default=True, help="Kills.")
@click.option("--seed", default=lambda: secrets.token_hex(4), help="Repeats the choices of an earlier run.")
@click.option("--engine", default="sqlite", show_default=True, type=click.Choice(["sqlite", "postgresql"]))
def main(rounds: int, seed: str, engine: str) -> None:
    """Kill processes at random and see what became of the promises."""
    click.echo(f"{rounds} rounds on {engine}, seed {seed}")
    began = perf_counter()

    def tell(number: int) -> None:
        if number % 10 == 0 or number == rounds:
            click.echo(f"round {number}: {number} kills after {perf_counter() - began:.0f} s")

    with TemporaryDirectory(prefix="caro-trust-") as folder, prepared(engine, Path(folder)) as run:
        evidence = play(run, rounds, seed, tell)
        findings = [(promise.words, promise.look(evidence)) for promise in PROMISES]
    click.echo(f"\n{_ROW.format('', 'seen', 'broken')}")
    for words, finding in findings:
        click.echo(_ROW.format(words, finding.seen, len(finding.broken)))
    broken = [f"{words}: {one}" for words, finding in findings for one in finding.broken[:3]]
    click.echo("".join(f"\n{line}" for line in broken), nl=bool(broken))
    seams = SeamTable()
    for line in seams.lines():
        click.echo(line)
    broken += seams.broken
    click.echo("".join(f"\n{line}" for line in seams.broken[:9]), nl=bool(seams.broken))
    click.echo("\nWhile something outside hangs:\n")
    with TemporaryDirectory(prefix="caro-trust-") as folder:
        for line in measure_neighbours(Path(folder)):
            click.echo(line)
    click.echo(f"{perf_counter() - began:.0f} s in all")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
