"""The product as granian serves it: its bank answers in process, so that only our own work is measured."""

import os
from pathlib import Path
from tempfile import gettempdir

from flask import Flask
from pydantic import SecretStr

from app import create_app
from app.bank.gateway import BankChallenge, CardAuthenticationRequest
from app.domain.bank_results import BankResult
from app.domain.cards import Card
from app.settings import Settings
from tests.support.doubles import FakeBrowserMessages

DATABASE = "BENCH_DATABASE_URL"
_SECRET = SecretStr("only-for-the-bench-0123456789-abcdefghijkl")


class PromptBank(FakeBrowserMessages):
    """A bank that wants a challenge at once."""

    def authenticate_card(self, card: Card, request: CardAuthenticationRequest) -> BankChallenge:
        """Send every card to the signing page."""
        return BankChallenge("http://127.0.0.1:8001/acs/challenge", request.transaction)

    def fetch_result(self, transaction: str) -> BankResult | None:
        """Decide nothing."""
        return None


def settings_for(database_url: str) -> Settings:
    """Return the settings that server and measurer share, whatever the environment says."""
    return Settings(
        _env_file=None,
        secret_keys=(_SECRET,),
        bank_api_key=_SECRET,
        database_url=database_url,
        link_rate="100000 per minute",
        card_rate="100000 per minute",
        public_url="http://localhost:8000",
        log_level="ERROR",
        mail_folder=Path(gettempdir()) / "caro-bench-mail",
    )


def plain() -> Flask:
    """Build the product on the database that the environment names, with its lines of requests."""
    lines = Path(os.devnull).open("w")  # noqa: SIM115  # as long as the process lives

    def write_line(line: str) -> None:
        lines.write(f"{line}\n")
        lines.flush()

    return create_app(settings_for(os.environ[DATABASE]), bank=PromptBank(), access_log=write_line)


def silent() -> Flask:
    """Build the product without its lines of requests."""
    return create_app(settings_for(os.environ[DATABASE]), bank=PromptBank())


def __getattr__(name: str) -> Flask:
    """Build what `caro serve` would be asked for by name: the product, or a simulation with its testers."""
    if name == "product":
        return plain()
    if name == "simulation":
        settings = settings_for(os.environ[DATABASE]).model_copy(update={"simulation": True})
        return create_app(settings, bank=PromptBank())
    raise AttributeError(name)
