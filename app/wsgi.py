"""The two WSGI applications: `app.wsgi:app`, the product, and `app.wsgi:simulator`, the simulated bank.

Each is built when a server asks for it by name (PEP 562), since the simulator refuses to exist in production.
"""

import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache

from flask import Flask

from app import create_app


def _create_product() -> Flask:
    return create_app(access_log=_write_line)


def _write_line(line: str) -> None:
    # Whoever reads the lines may be gone, and pages are answered all the same.
    with suppress(OSError):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def _create_simulator() -> Flask:
    # Only here: a production server does not even load the simulated bank.
    from app.simulation.bank import create_simulated_bank

    return create_simulated_bank()


_MAKERS: Mapping[str, Callable[[], Flask]] = {"app": _create_product, "simulator": _create_simulator}


@cache
def __getattr__(name: str) -> Flask:
    """Build an application at its first use; raise AttributeError for any other name."""
    if name not in _MAKERS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _MAKERS[name]()
