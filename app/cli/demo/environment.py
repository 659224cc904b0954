"""The demonstration's settings: random secrets once, addresses at each start."""

import secrets
from collections.abc import MutableMapping
from pathlib import Path

from app.cli.demo.places import DemoAddresses


def prepare_environment(places: DemoAddresses, folder: Path, environment: MutableMapping[str, str]) -> None:
    """Write `caro.env` in the folder, readable by its owner alone, and put its lines into the environment.

    What stands in the file already is kept, and what the environment says outranks it, but for the addresses:
    they follow the options of this start.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / "caro.env"
    addresses = _address_lines(places)
    lines = _first_lines(folder) | _kept_lines(file) | addresses
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
    environment.update(lines | {name: environment[name] for name in lines if name in environment} | addresses)


def _first_lines(folder: Path) -> dict[str, str]:
    return {
        "CARO_SECRET_KEYS": secrets.token_urlsafe(48),
        "CARO_BANK_API_KEY": secrets.token_urlsafe(48),
        "CARO_DATABASE_URL": f"sqlite:///{folder / 'caro.db'}",
        "CARO_MAIL_FOLDER": str(folder / "mail"),
        "CARO_SIM_DATABASE": str(folder / "bank.db"),
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
        "CARO_SIM_PUBLIC_URL": places.bank_url,
        "CARO_SIM_RETURN_ORIGINS": places.base_url,
    }


def _kept_lines(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    lines = (line.partition("=") for line in file.read_text().splitlines() if not line.startswith("#"))
    return {name.strip(): value.strip() for name, equals, value in lines if equals}
