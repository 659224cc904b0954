"""Put faults into the product one at a time, and name those that no test notices."""

import importlib
import random
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from tests.mutants.line_map import LineMap, write_map
from tests.mutants.loaded_trials import try_loaded
from tests.mutants.mutations import ROOT, Mutant, find_mutants, product_files
from tests.mutants.trial import try_fresh

ACCEPTED = Path(__file__).with_name("accepted.txt")
#: Loaded once for all trials, which then begin at once.
_LIBRARIES = "alembic babel bs4 flask_babel flask_wtf html5lib limits pydantic_settings schwifty"


def read_accepted() -> Mapping[str, str]:
    """Read which faults may stay unnoticed, and why."""
    lines = (line for line in ACCEPTED.read_text().splitlines() if line and not line.startswith("#"))
    return {name: why for name, _, why in (line.partition(" | ") for line in lines)}


def all_mutants() -> list[Mutant]:
    """Return every fault, in one order."""
    return [mutant for path in product_files() for mutant in find_mutants(path)]


def try_all(sample: Sequence[Mutant], lines: LineMap, jobs: int) -> Iterator[tuple[Mutant, str]]:
    """Try so many faults at once; yield each with what noticed it, nothing where it survived.

    What the nearest tests let pass is tried with more of them before it counts as a survivor.
    """
    nearest = {mutant: lines.tests_of(mutant.path, mutant.lines) for mutant in sample}
    further = dict[Mutant, Sequence[str]]()
    for mutant, test in _try_with(nearest, lines, jobs):
        if test:
            yield mutant, test
        else:
            further[mutant] = lines.further_tests_of(mutant.path, but=nearest[mutant])
    click.echo(f"{len(further)} of {len(sample)} are tried with further tests")
    yield from _try_with(further, lines, jobs)


def _try_with(
    tests: Mapping[Mutant, Sequence[str]], lines: LineMap, jobs: int
) -> Iterator[tuple[Mutant, str]]:
    called = [choice for choice in tests.items() if lines.is_called(choice[0].path, choice[0].lines)]
    # The longest trial without a fault, lest each fails for a reason of its own.
    sound = (None, max(tests.values(), key=len, default=()))
    noticed = set()
    with TemporaryDirectory(prefix="caro-mutants-") as folder:
        for mutant, test in try_loaded([sound, *called], jobs, Path(folder)):
            noticed.add(mutant)
            yield _check_fault(mutant, test), test
        # What is run while a module is loaded takes a process in which it has not been.
        passed = [choice for choice in tests.items() if choice[0] not in noticed]
        for mutant, test in try_fresh([sound, *passed], jobs, Path(folder)):
            if mutant or test:
                yield _check_fault(mutant, test), test


def _check_fault(mutant: Mutant | None, test: str) -> Mutant:
    if mutant is None:
        raise click.ClickException(f"fails without a fault, too: {test}")
    return mutant


@click.command()
@click.option("--count", default=200, show_default=True, help="Faults, drawn by lot.")
@click.option("--seed", default=lambda: secrets.token_hex(4), help="Repeats the draw of an earlier run.")
@click.option("--jobs", default=2, show_default=True, help="Faults that are tried at once.")
@click.option("--only", default="", help="All faults with this in their name, in place of some by lot.")
@click.option("--least", default=92, show_default=True, help="Percent that must be noticed.")
@click.option("--lines", "file", default=".pytest_cache/lines", type=Path, help="Made anew where it is old.")
def main(count: int, seed: str, jobs: int, only: str, least: int, file: Path) -> None:
    """Put faults into the product one at a time, and name those that no test notices."""
    sources = [path for name in ("app", "tests") for path in (ROOT / name).rglob("*.py")]
    if not file.exists() or file.stat().st_mtime < max(path.stat().st_mtime for path in sources):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        click.echo("First all tests run once, to learn which lines each of them runs ...")
        write_map(file.resolve(), jobs)
    mutants, lines, accepted = all_mutants(), LineMap(file), read_accepted()
    drawn = random.Random(seed).sample(mutants, min(count, len(mutants)))
    sample = [mutant for mutant in mutants if only in mutant.name] if only else drawn
    click.echo(f"{len(sample)} of {len(mutants)} faults, seed {seed}")
    for library in _LIBRARIES.split():
        importlib.import_module(library)
    trials = dict[Mutant, str]()
    for mutant, noticed in try_all(sample, lines, jobs):
        trials[mutant] = noticed
        place, why = f"{mutant.path}:{mutant.lines.start}: {mutant.change}", accepted.get(mutant.name)
        if len(trials) % 20 == 0:
            click.echo(f"{len(trials)} tried, {sum(map(bool, trials.values()))} noticed")
        if only or not noticed:
            click.echo(f"{len(trials)}: {place}: {noticed or why or 'UNNOTICED'}")
    counted = [bool(noticed) for mutant, noticed in trials.items() if mutant.name not in accepted]
    share = 100 * sum(counted) / max(1, len(counted))
    click.echo(f"{sum(counted)} of {len(counted)} faults were noticed: {share:.1f} % (at least {least} %)")
    sys.exit(share < least)


if __name__ == "__main__":
    main()
