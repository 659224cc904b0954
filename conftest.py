"""The tests of a file come in another order in each run, so that none leans on the one before it."""

import secrets
from hashlib import sha256
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer to repeat an order."""
    parser.addoption("--order", metavar="SEED", help="Have the tests in the order of an earlier run.")


def pytest_configure(config: pytest.Config) -> None:
    """Draw an order; the processes that run tests are told it."""
    drawn: str | None = getattr(config, "workerinput", {}).get("order")
    config.option.order = drawn or config.option.order or secrets.token_hex(3)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a process that runs tests the order of all."""
    node.workerinput["order"] = node.config.option.order


def pytest_report_header(config: pytest.Config) -> str:
    """Say how to have this order again."""
    return f"order: --order={config.option.order}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Shuffle within each file: what its tests share is used again, and the longest files come first."""
    turns = {path: turn for turn, path in enumerate(dict.fromkeys(item.path for item in items))}
    lots = {item: sha256(f"{config.option.order} {item.nodeid}".encode()).digest() for item in items}
    items.sort(key=lambda item: (turns[item.path], lots[item]))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say it again where a test failed, since a quiet run has no header."""
    if terminalreporter.stats.get("failed"):
        terminalreporter.line(f"--order={config.option.order} has the tests in this order again.")
