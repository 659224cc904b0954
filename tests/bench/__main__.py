"""Measure the pages against a bare Flask page, in interleaved rounds, and then how fast mails leave."""

import argparse
from collections.abc import Mapping
from compileall import compile_dir
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from app import create_app
from app.db import Database
from app.logs import configure_logging
from app.models.schema import upgrade_schema
from app.paths import ROOT
from tests.bench.load import CONNECTIONS, LoadRun, drive
from tests.bench.load_steps import LoadRound, LoadStep, scenes, scenes_elsewhere
from tests.bench.mails import MAILS, mail_report
from tests.bench.report import report
from tests.bench.seed import USUAL, SeededOffices, settle
from tests.bench.served import DATABASE, PromptBank, settings_for
from tests.bench.server import (
    Command,
    MeasuredServer,
    keep_to_processor,
    serve,
    served_as_shipped,
    served_plainly,
)
from tests.bench.visitor_load import VisitorLoad
from tests.support.databases import engines_under_test, postgres_database

#: More cards than a second can take, so that a round ends by the clock.
_CARDS_A_SECOND = 1500
_WARM_UP_SECONDS = 0.5
#: How each server is started: the product as `caro serve` does it, the bare page as plainly as it can be.
_SERVERS: Mapping[str, Command] = {
    "bare": served_plainly("tests.bench.bare:hello"),
    "product": served_as_shipped("tests.bench.served:product"),
    "plain": served_plainly("tests.bench.served:plain"),
    "silent": served_plainly("tests.bench.served:silent"),
    "simulation": served_as_shipped("tests.bench.served:simulation"),
}


def main() -> None:
    """Measure and print."""
    options = _options()
    configure_logging("ERROR")
    # As installing it does: a checkout would compile its sources anew at each start.
    compile_dir(ROOT / "app", quiet=1)
    _pages(options.rounds, options.seconds)
    print()
    for line in mail_report(options.mails):
        print(line, flush=True)


def _pages(rounds: int, seconds: float) -> None:
    cards = int(_CARDS_A_SECOND * (rounds * seconds + _WARM_UP_SECONDS))
    with TemporaryDirectory(prefix="caro-bench-") as folder, ExitStack() as stack:
        url = f"sqlite:///{Path(folder) / 'caro.db'}"
        pages = scenes(_visitors(url), cards)
        servers = {name: stack.enter_context(serve(how, {DATABASE: url})) for name, how in _SERVERS.items()}
        if "postgresql" in engines_under_test():
            elsewhere = stack.enter_context(postgres_database()).url.render_as_string(hide_password=False)
            pages += scenes_elsewhere(_visitors(elsewhere), cards)
            servers["postgresql"] = stack.enter_context(serve(_SERVERS["product"], {DATABASE: elsewhere}))
        spawned = get_context("spawn")
        # On the last processor: the servers have the first.
        generator = stack.enter_context(ProcessPoolExecutor(1, spawned, keep_to_processor, (-1,)))
        for page in pages:
            _measure(page, servers[page.server], generator, _WARM_UP_SECONDS)
        for _ in range(rounds):
            for page in pages:
                page.rounds.append(_measure(page, servers[page.server], generator, seconds))
        title = f"{rounds} rounds of {seconds:g} s, 1 worker with 1 thread, {CONNECTIONS} connections"
        print("\n".join(report(pages, servers, title)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of every page (%(default)s)")
    parser.add_argument("--seconds", type=float, default=1, help="length of one round (%(default)s)")
    parser.add_argument("--mails", type=int, default=MAILS, help="mails in each queue (%(default)s)")
    return parser.parse_args()


def _visitors(url: str) -> VisitorLoad:
    database = Database(url)
    upgrade_schema(database)
    settle(database, SeededOffices(2 * USUAL, USUAL))
    database.close_connections()
    return VisitorLoad(create_app(settings_for(url), bank=PromptBank()))


def _measure(scene: LoadStep, server: MeasuredServer, generator: Executor, seconds: float) -> LoadRound:
    requests = scene.take(int(_CARDS_A_SECOND * seconds))
    load = LoadRun(server.port, requests, scene.proof, seconds, scene.again)
    before = server.cpu()
    outcome = generator.submit(drive, load).result()
    return LoadRound(outcome, (server.cpu() - before) / outcome.answered * 1_000_000)


if __name__ == "__main__":
    main()
