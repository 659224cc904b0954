"""Measure the pages against a bare Flask page, in interleaved rounds, and then how fast mails leave."""

import argparse
from compileall import compile_dir
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from app import create_app
from app.db import Database
from app.models.schema import upgrade_schema
from app.paths import ROOT
from tests.bench.load import CONNECTIONS, LoadRun, drive
from tests.bench.load_steps import LoadRound, LoadStep, scenes
from tests.bench.mails import MAILS, mail_report
from tests.bench.report import report
from tests.bench.served import DATABASE, PromptBank, settings_for
from tests.bench.server import MeasuredServer, serve
from tests.bench.visitor_load import VisitorLoad
from tests.support.office import open_office

#: More cards than a second can take, so that a round ends by the clock.
_CARDS_A_SECOND = 1500
_WARM_UP_SECONDS = 0.5
#: What builds each server, and how granian calls it: the bare page as plainly as it can.
_FACTORIES = {"bare": ("bare:hello", "wsgi"), "product": ("served:product", "asginl")}


def main() -> None:
    """Measure and print."""
    options = _options()
    # As installing it does: a checkout would compile its sources anew at each start.
    compile_dir(ROOT / "app", quiet=1)
    _pages(options.rounds, options.seconds)
    print()
    for line in mail_report(options.mails):
        print(line, flush=True)


def _pages(rounds: int, seconds: float) -> None:
    with TemporaryDirectory(prefix="caro-bench-") as folder, ExitStack() as stack:
        url = f"sqlite:///{Path(folder) / 'caro.db'}"
        pages = scenes(_visitors(url), int(_CARDS_A_SECOND * (rounds * seconds + _WARM_UP_SECONDS)))
        servers = {
            name: stack.enter_context(serve(*built, {DATABASE: url})) for name, built in _FACTORIES.items()
        }
        generator = stack.enter_context(ProcessPoolExecutor(1, mp_context=get_context("spawn")))
        for page in pages:
            _measure(page, servers[page.server], generator, _WARM_UP_SECONDS)
        for _ in range(rounds):
            for page in pages:
                page.rounds.append(_measure(page, servers[page.server], generator, seconds))
        title = f"{rounds} rounds of {seconds:g} s, 1 worker, {CONNECTIONS} connections, SQLite"
        print("\n".join(report(pages, list(servers.items()), title)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of every page (%(default)s)")
    parser.add_argument("--seconds", type=float, default=2, help="length of one round (%(default)s)")
    parser.add_argument("--mails", type=int, default=MAILS, help="mails in each queue (%(default)s)")
    return parser.parse_args()


def _visitors(url: str) -> VisitorLoad:
    database = Database(url)
    upgrade_schema(database)
    open_office(database)
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
