"""A time that a sentence writes out is the one that the code keeps; no setting is ever written out."""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from app.domain import caps, states
from app.i18n import TRANSLATED
from app.paths import ROOT
from app.queries import activation_view
from app.services.colleagues import INVITATION_LIFE
from app.services.sign_in import LINK_LIFE, SESSION_IDLE, SESSION_LIFE
from app.settings import Settings
from app.simulation.bank import cardholders, transactions
from tests.test_translations import catalogue_path, load, messages

#: Each time that sentences write out, what it is, and whoever keeps it: the product, the simulated bank.
KEPT: Mapping[str, tuple[timedelta, ...]] = {
    "24 hours": (timedelta(hours=24), caps.DAY),
    "one day": (timedelta(days=1), caps.DAY),
    "ten minutes": (timedelta(minutes=10), states.CHALLENGE_TIME, transactions.CHALLENGE_TIME),
    "half a minute": (timedelta(seconds=30), activation_view.HANDOFF_TIME, transactions.HANDOFF_TIME),
    "thirty seconds": (timedelta(seconds=30), transactions.HANDOFF_TIME),
    "30 seconds": (timedelta(seconds=30), transactions.HANDOFF_TIME),
    "five minutes": (timedelta(minutes=5), cardholders.UNBLOCKING_TIME),
    "30 minutes": (timedelta(minutes=30), SESSION_IDLE),
    "12 hours": (timedelta(hours=12), SESSION_LIFE),
    "seven days": (timedelta(days=7), INVITATION_LIFE),
    "three minutes": (timedelta(minutes=3), caps.SIGN_IN_MAIL_GAP),
}
#: How long the walk takes a cardholder: no rule of ours.
ESTIMATED = {"two minutes"}

_NUMBER = r"\d+|half an?|one|two|three|four|five|six|seven|eight|nine|ten|fifteen|thirty"
_TIME = re.compile(rf"\b(?:{_NUMBER}) (?:second|minute|hour|day|week|month)s?\b")


def test_every_time_that_is_written_out_is_kept() -> None:
    sentences = messages(load(catalogue_path(TRANSLATED[0])))
    written = {found for sentence in sentences for found in _TIME.findall(str(sentence.id))}

    assert written == KEPT.keys() | ESTIMATED
    assert [time for time, moments in KEPT.items() if len(set(moments)) > 1] == []


def test_the_portal_s_page_says_how_long_a_link_and_a_session_last() -> None:
    text = (ROOT / "docs" / "portal.md").read_text()

    assert (
        timedelta(minutes=15),
        timedelta(minutes=30),
        timedelta(hours=12),
    ) == (LINK_LIFE, SESSION_IDLE, SESSION_LIFE)
    assert ": 15 minutes after it was first sent." in text
    assert "After half an hour without a click, or twelve hours in all," in text


def _written(default: object) -> str:
    match default:
        case bool():
            return str(default).lower()
        case float():
            return f"{default:g}"
        case tuple():
            return ",".join(map(str, default))
        case Path():
            return str(default.relative_to(ROOT))
    return str(default)


def test_the_table_of_settings_tells_their_defaults() -> None:
    table = (ROOT / "docs" / "configure.md").read_text()
    rows = re.findall(r"^\| (`CARO_[^|]+`) \| (`[^|]+`) \|", table, re.MULTILINE)
    told = {
        name.lower(): default
        for names, defaults in rows
        for name, default in zip(
            re.findall(r"`CARO_(\w+)`", names), re.findall(r"`([^`]+)`", defaults), strict=True
        )
    }

    assert {"reminder_days", "link_days", "refusals_a_day"} <= told.keys()
    assert told == {
        name: _written(Settings.model_fields[name].get_default(call_default_factory=True)) for name in told
    }
