"""Write `deploy/caro.env.example`: every setting with its default, and what production needs filled in."""

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import fill

from app.paths import ROOT
from app.settings import Settings

CONFIGURE = ROOT / "docs" / "configure.md"
#: What a server cannot do without, filled in as an example.
NEEDED: Mapping[str, str] = {
    "CARO_PRODUCTION": "true",
    "CARO_SECRET_KEYS_FILE": "/etc/caro/secret_keys",
    "CARO_BANK_API_KEY_FILE": "/etc/caro/bank_api_key",
    "CARO_PUBLIC_URL": "https://caro.example.be",
    "CARO_BANK_URL": "https://bank.example.be",
    "CARO_CHALLENGE_ORIGINS": "https://bank.example.be",
    "CARO_TRUSTED_PROXIES": "1",
    "CARO_DATABASE_URL": "sqlite:////var/lib/caro/caro.db",
    "CARO_SMTP_HOST": "smtp.example.be",
    "CARO_SMTP_USER": "caro",
    "CARO_SMTP_PASSWORD_FILE": "/etc/caro/smtp_password",
    "CARO_MAIL_SENDER": "CARO <caro@example.be>",
    "CARO_OPERATOR_COMPANY": "Exemple SRL",
    "CARO_OPERATOR_ENTERPRISE_NUMBER": "0123.456.749",
    "CARO_OPERATOR_ADDRESS": "Rue de l'Exemple 1, 1000 Bruxelles",
    "CARO_OPERATOR_CONTACT": "privacy@example.be",
}
_HEAD = """\
# Settings of a server: copy this to /etc/caro/caro.env, readable by the user of the product alone.
# What production needs stands without a number sign; the rest are the defaults. docs/configure.md
"""


def documented_settings() -> Mapping[tuple[str, ...], str]:
    """Return the rows of the table of settings: their names, and the meaning."""
    rows = re.findall(r"^\| (`CARO_[^|]+) \| [^|]+ \| (.+) \|$", CONFIGURE.read_text(), re.MULTILINE)
    return {tuple(re.findall(r"CARO_\w+", names)): meaning for names, meaning in rows}


def env_example() -> str:
    """Return the whole file."""
    blocks = (
        f"{fill(_plain(meaning), 108, initial_indent='# ', subsequent_indent='# ')}\n"
        + "".join(f"{_line(name)}\n" for name in names)
        for names, meaning in documented_settings().items()
    )
    return "\n".join((_HEAD, *blocks))


def _line(name: str) -> str:
    for given in (name, f"{name}_FILE"):
        if given in NEEDED:
            return f"{given}={NEEDED[given]}"
    return f"#{name}={_default_of(name)}"


def _default_of(name: str) -> str:
    """Return a default as one would write it; empty where it depends on the machine."""
    default = Settings.model_fields[name.removeprefix("CARO_").lower()].default
    if isinstance(default, tuple):
        return ",".join(map(str, default))
    if isinstance(default, bool):
        return str(default).lower()
    return str(default) if isinstance(default, str | int | float) else ""


def _plain(text: str) -> str:
    return re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", text).replace("`", "").replace("*", "")


def names_in(text: str) -> Iterator[str]:
    """Yield each name in a text that looks like a setting."""
    yield from re.findall(r"\bCARO_[A-Z_]*[A-Z]", text)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(env_example())
