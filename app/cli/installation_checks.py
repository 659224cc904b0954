"""What may be wrong with an installation: every fault at once, found without changing anything."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from email.utils import parseaddr, parsedate_to_datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from smtplib import SMTPResponseException

from dotenv import dotenv_values
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from app import create_bank_client, create_relay
from app.bank.gateway import BankFault
from app.bank.http import HttpAnswer
from app.catalogues import find_faults
from app.cli.error_messages import tell_database_error, tell_system_error
from app.clock import Clock
from app.db import Database
from app.i18n import LANGUAGES
from app.mail.smtp import try_relay
from app.models.schema import is_schema_supported
from app.paths import CATALOGUES, INSTANCE_VARIABLE
from app.services.terms_publication import TermsChanged, find_unpublished
from app.settings import ExaminedSettings, Settings
from app.simulation.bank.bank_settings import SimulatedBankSettings
from app.web.rates import open_rate_store
from app.web.terms_rendering import MissingTerms, render_terms

_LEAST_SPACE = 200 * 1024 * 1024
#: What a card reader and a bank's page last.
_LARGEST_DRIFT = timedelta(minutes=1)
_STORE_SECONDS = 3
#: How like another a name is that was meant to be it; all of them begin alike.
_LIKENESS = 0.8


class CheckState(StrEnum):
    """How a check came out; what cannot be looked at without something else is unknown."""

    OK = "ok"
    FAULT = "fault"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class CheckResult:
    """One thing that was looked at, and what there is to say of it."""

    check: str
    state: CheckState
    sentences: list[str]


class _Unknown(Exception):
    """It cannot be looked at; the sentence says why."""


@dataclass(frozen=True)
class Installation:
    """What is looked at: settings as they were read, where from, and the machine's clock."""

    settings: Settings
    environment: Mapping[str, str]
    env_file: Path
    clock: Clock

    def find_unknown_names(self) -> list[str]:
        """Say of each name that looks like a setting and is none which one may be meant."""
        known = _setting_names()
        try:
            written = dotenv_values(self.env_file) if self.env_file.exists() else {}
        except UnicodeDecodeError:
            raise _Unknown("The file with the settings cannot be read.") from None
        named = {*self.environment, *written}
        return [
            f"{name} is no setting{_near_miss(name, known)}"
            for name in sorted(named - known)
            if name.startswith("CARO_")
        ]

    def find_readable_secrets(self) -> list[str]:
        """Say whether others may read the file with the keys."""
        readable = self.env_file.exists() and self.env_file.stat().st_mode & 0o004
        return [f"Everybody on this machine may read {self.env_file}: chmod o-r."] if readable else []

    def find_catalogue_faults(self) -> list[str]:
        """Say which languages cannot be spoken."""
        return [f"{fault[0].upper()}{fault[1:]}." for fault in find_faults(LANGUAGES, CATALOGUES)]

    def find_database_faults(self) -> list[str]:
        """Say whether the database answers and has the schema."""
        file = self._database_file
        if file and not file.exists():
            return [f"There is no {file} yet; 'caro migrate' makes it."]
        database = Database(self.settings.database_url)
        try:
            current = is_schema_supported(database)
        except DBAPIError as error:
            return [tell_database_error(error)]
        finally:
            database.close_connections()
        return [] if current else ["The schema is not this version's; 'caro migrate' makes it so."]

    def find_changed_conditions(self) -> list[str]:
        """Say whether the conditions are what was published."""
        if self.find_database_faults():
            raise _Unknown("They are in the database.")
        database = Database(self.settings.database_url)
        try:
            find_unpublished(database, render_terms(self.settings.terms_version, self.settings.operator))
        except (MissingTerms, TermsChanged) as refused:
            return [str(refused).removeprefix("caro: will not start: ") + "."]
        finally:
            database.close_connections()
        return []

    def find_store_faults(self) -> list[str]:
        """Say whether the store of the rates answers."""
        answers = open_rate_store(self.settings.rate_storage, _STORE_SECONDS).check()
        return [] if answers else ["The store of CARO_RATE_STORAGE does not answer."]

    def find_relay_faults(self) -> list[str]:
        """Say whether the relay lets us in; no mail is sent."""
        if not self.settings.smtp_host:
            return []
        try:
            try_relay(create_relay(self.settings), parseaddr(self.settings.mail_sender)[1])
        except OSError as error:
            code = f" {error.smtp_code}" if isinstance(error, SMTPResponseException) else ""
            where = f"{self.settings.smtp_host}:{self.settings.smtp_port}"
            return [f"The relay {where} does not serve us: {tell_system_error(error)}{code}."]
        return []

    def find_bank_faults(self) -> list[str]:
        """Say whether the bank's server answers, and takes our key."""
        if self._bank_answer is None:
            return [f"The bank does not answer at {self.settings.bank_url}."]
        if (status := self._bank_answer.status) in (401, 403):
            return [f"The bank does not take CARO_BANK_API_KEY: {status}."]
        return [f"The bank answers with an error: {status}."] if status >= 500 else []

    def find_drift(self) -> list[str]:
        """Say whether the clock is that of the bank's server: links and signatures live for minutes."""
        if self._bank_answer is None or not self._bank_answer.date:
            raise _Unknown("The bank has not told its hour.")
        drift = self.clock() - parsedate_to_datetime(self._bank_answer.date)
        late = abs(drift) > _LARGEST_DRIFT
        return [f"The clock differs from the bank's by {drift.total_seconds():+.0f} seconds."] if late else []

    def find_full_folders(self) -> list[str]:
        """Say which folders cannot be written to, or have no room."""
        mails = None if self.settings.smtp_host else self.settings.mail_folder
        folders = (self._database_file and self._database_file.parent, mails, Path(tempfile.gettempdir()))
        return [fault for folder in filter(None, folders) if (fault := _find_folder_fault(folder))]

    @property
    def _database_file(self) -> Path | None:
        url = make_url(self.settings.database_url)
        return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None

    @cached_property
    def _bank_answer(self) -> HttpAnswer | None:
        try:
            return create_bank_client(self.settings).probe_server()
        except BankFault:
            return None


_CONDITIONS = frozenset(
    (
        *("database_url", "terms_version", "link_days", "operator_company", "operator_enterprise_number"),
        *("operator_address", "operator_controller", "operator_contact"),
    )
)
_BANK = frozenset({"bank_url", "bank_api_key", "bank_connect_seconds", "bank_deadline_seconds"})
#: What is looked at, with which settings; where one of these is wrong, it would look in the wrong place.
CHECKS: Mapping[str, tuple[frozenset[str], Callable[[Installation], list[str]]]] = {
    "names": (frozenset(), Installation.find_unknown_names),
    "secrets": (frozenset(), Installation.find_readable_secrets),
    "catalogues": (frozenset(), Installation.find_catalogue_faults),
    "database": (frozenset({"database_url"}), Installation.find_database_faults),
    "conditions": (_CONDITIONS, Installation.find_changed_conditions),
    "rates": (frozenset({"rate_storage"}), Installation.find_store_faults),
    "relay": (
        frozenset({"smtp_host", "smtp_port", "smtp_security", "smtp_seconds", "smtp_user", "mail_sender"}),
        Installation.find_relay_faults,
    ),
    "bank": (_BANK, Installation.find_bank_faults),
    "clock": (_BANK, Installation.find_drift),
    "disk": (frozenset({"database_url", "mail_folder"}), Installation.find_full_folders),
}


def check_installation(
    examined: ExaminedSettings, environment: Mapping[str, str], env_file: Path, clock: Clock
) -> list[CheckResult]:
    """Look at everything, and return what was found."""
    installation = Installation(examined.settings, environment, env_file, clock)
    results = [_result("settings", examined.faults)]
    for name, (needed, find) in CHECKS.items():
        if broken := sorted(examined.broken & needed):
            reasons = [f"CARO_{setting.upper()} is wrong." for setting in broken]
            results.append(CheckResult(name, CheckState.UNKNOWN, reasons))
        else:
            results.append(_look(name, installation, find))
    return results


def _look(name: str, installation: Installation, find: Callable[[Installation], list[str]]) -> CheckResult:
    try:
        return _result(name, find(installation))
    except _Unknown as unknown:
        return CheckResult(name, CheckState.UNKNOWN, [str(unknown)])


def _result(name: str, faults: list[str]) -> CheckResult:
    return CheckResult(name, CheckState.FAULT if faults else CheckState.OK, faults)


def _setting_names() -> set[str]:
    simulated = (
        str(field.validation_alias or f"CARO_SIM_{name}".upper())
        for name, field in SimulatedBankSettings.model_fields.items()
    )
    files = (f"{name}_file" for name in Settings.SECRETS)
    own = (f"CARO_{name}".upper() for name in (*Settings.model_fields, *files))
    return {INSTANCE_VARIABLE, *own, *simulated}


def _near_miss(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=_LIKENESS)
    return f"; do you mean {near[0]}?" if near else "."


def _find_folder_fault(folder: Path) -> str | None:
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if not (there.is_dir() and os.access(there, os.W_OK)):
        return f"{folder} cannot be written to."
    free = shutil.disk_usage(there).free
    return f"{folder} has {free // 1024**2} MB left." if free < _LEAST_SPACE else None
