"""The addresses of a demonstration, and the settings under which its processes run."""

import re
import secrets
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path

import click

from app.cli.listening_ports import free_port
from app.paths import INSTANCE_VARIABLE

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_EVERYWHERE = "0.0.0.0"  # noqa: S104  # a phone in the same network must reach it

#: This machine by two names. Product and bank use one each: the hop between them is cross-site, as in life.
_OTHER_NAME = {"localhost": "127.0.0.1", "127.0.0.1": "localhost"}


@dataclass(frozen=True)
class DemoAddresses:
    """The address to listen on, the two ports, and the two addresses that browsers are given."""

    listen: str
    port: int
    bank_port: int
    base_url: str
    bank_url: str
    ops_address: str


def choose_addresses(host: str, port: int, bank_port: int) -> DemoAddresses:
    """Say where everything is for browsers that call `host`; raise ClickException where that cannot be."""
    if not _HOST.fullmatch(host) or host == _EVERYWHERE:
        raise click.ClickException(
            "--host must be the name or IPv4 address that browsers call, as in 192.168.1.20."
        )
    if port == bank_port:
        raise click.ClickException("--port and --bank-port must differ.")
    return DemoAddresses(
        listen="127.0.0.1" if host in _OTHER_NAME else _EVERYWHERE,
        port=port,
        bank_port=bank_port,
        base_url=f"http://{host}:{port}",
        bank_url=f"http://{_OTHER_NAME.get(host, host)}:{bank_port}",
        ops_address=f"127.0.0.1:{free_port()}",
    )


def read_demo_settings(
    places: DemoAddresses, folder: Path, environment: MutableMapping[str, str]
) -> Mapping[str, str]:
    """Put the settings of the demonstration in this folder into the environment, and return them.

    What stands in its `caro.env` already is kept, and what the environment says outranks it, but for the
    addresses: they follow the options of this start.
    """
    addresses = _address_lines(places)
    lines = _first_lines() | _kept_lines(folder / "caro.env") | addresses
    named = {name: environment[name] for name in lines if name in environment}
    environment.update(lines | named | addresses | {INSTANCE_VARIABLE: str(folder)})
    return lines


def write_demo_settings(folder: Path, lines: Mapping[str, str]) -> None:
    """Write `caro.env` in the folder, readable by its owner alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / "caro.env"
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))


def _first_lines() -> dict[str, str]:
    return {
        "CARO_SECRET_KEYS": secrets.token_urlsafe(48),
        "CARO_BANK_API_KEY": secrets.token_urlsafe(48),
        "CARO_SIMULATION": "true",
        # A little longer than the product waits, so that no browser keeps a silent bank busy.
        "CARO_SIM_HANG_SECONDS": "12",
    }


def _address_lines(places: DemoAddresses) -> dict[str, str]:
    """Browsers follow the public addresses; the product calls the bank's server inside this machine."""
    return {
        "CARO_PUBLIC_URL": places.base_url,
        "CARO_BANK_URL": f"http://127.0.0.1:{places.bank_port}",
        "CARO_CHALLENGE_ORIGINS": places.bank_url,
        "CARO_OPS_ADDRESS": places.ops_address,
        "CARO_SIM_PUBLIC_URL": places.bank_url,
        "CARO_SIM_RETURN_ORIGINS": places.base_url,
    }


def _kept_lines(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    lines = (line.partition("=") for line in file.read_text().splitlines() if not line.startswith("#"))
    return {name.strip(): value.strip() for name, equals, value in lines if equals}
