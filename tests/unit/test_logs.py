"""What the logs may say: one JSON line each, without card numbers, links or addresses."""

import json
import logging
import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.logs import configure_logging, log, redact_text
from app.tokens import LinkClaims, TokenSigner
from tests.support.mailed_links import DRESSES, dress

CARD = "4000024329596391"
LINK = "WyJhYmMiLDFd.c2lnbmF0dXJl"
ADDRESS = "titulaire@exemple.be"

SECRETS = {
    "card": CARD,
    "spaced card": "4000 0243 2959 6391",
    "dashed card": "4000-0243-2959-6391",
    "card with no-break spaces": "4000\u00a00243\u00a02959\u202f6391",
    "American Express": "3782 822463 10005",
    "twelve digits": "500000000000",
    "nineteen digits": "6304000000000000000",
    "card and expiry": f"{CARD}1227123",
    "Arabic-Indic card": "٤٠٠٠٠٢٤٣٢٩٥٩٦٣٩١",
    "link": f"https://caro.example.be/a/{LINK}",
    "path of a link": f"/a/{LINK}",
    "path of a link with its sentence's full stop": f"/a/{LINK}.",
    "link to sign in": f"https://caro.example.be/portal/sign-in/{LINK}",
    "path of a link to sign in": f"/portal/sign-in/{LINK}",
    "address": ADDRESS,
    "named address": f"Titulaire <{ADDRESS}>",
    "address in a query": "/portal?email=titulaire%40exemple.be",
}
SIGNER = TokenSigner(("only-for-tests-0123456789-abcdefghijklmnop",), "https://caro.example.be")
TOKEN = SIGNER.activation_url(LinkClaims("0123456789abcdef01234567", 1)).rpartition("/")[2]
ALPHABET = string.ascii_letters + string.digits + "_.-"
#: So many characters of a signature in a row help nobody.
HARMLESS = 15
DOORS = (
    "/a/",
    "/a",
    "/portal/sign-in/",
    "https://caro.example.be/a/",
    "%2Fportal%2Fsign-in%2F",
    "%252fa%252f",
)

#: No part of these may be left in a line.
TRACES = (
    CARD,
    CARD[4:12],
    "0243",
    "822463",
    "50000",
    "63040",
    "1227123",
    "٢٤٣",
    LINK,
    "c2lnbm",
    "titulaire",
    "exemple",
)

SECRET = pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)


@dataclass(frozen=True)
class TypedSecret:
    """An object that shows what it holds."""

    number: object


class LogLines:
    """Everything that was written, line by line."""

    def __init__(self, written: pytest.CaptureFixture[str]) -> None:
        self._written = written

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._written.readouterr().err.splitlines()]

    def clean_line(self) -> dict[str, Any]:
        """Return the only line; fail where a secret is left in it."""
        (line,) = self.lines()
        shown = json.dumps(
            {key: value for key, value in line.items() if key != "timestamp"}, ensure_ascii=False
        )
        assert [trace for trace in TRACES if trace in shown] == []
        return line


@pytest.fixture
def journal(capsys: pytest.CaptureFixture[str]) -> Iterator[LogLines]:
    """Log as the product does; afterwards log as before."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logging("INFO")
    yield LogLines(capsys)
    root.handlers[:] = handlers
    root.setLevel(level)


@SECRET
def test_events_tell_no_secret(journal: LogLines, secret: str) -> None:
    log.info(f"paid with {secret}.")
    assert journal.clean_line()["level"] == "info"


@SECRET
def test_values_tell_no_secret(journal: LogLines, secret: str) -> None:
    log.warning(
        "asked",
        text=secret,
        nested={"a": [secret]},
        many=(secret,),
        held=TypedSecret(secret),
        error=OSError(secret),
    )
    assert journal.clean_line()["event"] == "asked"


@SECRET
def test_library_records_tell_no_secret(journal: LogLines, secret: str) -> None:
    logging.getLogger("a.library").warning("GET %s failed for %r", secret, TypedSecret(secret))
    assert journal.clean_line()["level"] == "warning"


@SECRET
def test_library_exceptions_tell_no_secret(journal: LogLines, secret: str) -> None:
    try:
        raise OSError(secret) from KeyError(secret)
    except OSError:
        logging.getLogger("a.library").exception("failed")
    line = journal.clean_line()
    assert "Traceback" in line["exception"]
    assert "OSError" in line["exception"].splitlines()[-1]


def test_numbers_may_be_cards_too(journal: LogLines) -> None:
    log.info("asked", number=int(CARD), raw=CARD.encode())
    assert journal.clean_line()["number"] == "[digits]"


def test_harmless_values_stay_as_they_are(journal: LogLines) -> None:
    log.info("told", count=7, took=0.12345678901234, done=True, none=None, last_four="6391")
    (line,) = journal.lines()
    assert line | {"timestamp": ""} == {
        "event": "told",
        "level": "info",
        "timestamp": "",
        "count": 7,
        "took": 0.12345678901234,
        "done": True,
        "none": None,
        "last_four": "6391",
    }


@pytest.mark.parametrize(
    "control", ["\n", "\r\n", "\x0b", "\x0c", "\x1b[2J", "\x85", "\u2028", "\u2029", "\0"]
)
def test_control_characters_forge_no_line(journal: LogLines, control: str) -> None:
    forged = f'asked{control}{{"event": "activated", "level": "info"}}'
    log.info(forged, text=forged)
    logging.getLogger("a.library").info(forged)
    mine, library = journal.lines()
    assert mine["event"] == mine["text"] == library["event"] == forged


def test_long_values_are_cut(journal: LogLines) -> None:
    log.info("e" * 5_000, text="t" * 5_000)
    (line,) = journal.lines()
    assert (len(line["event"]), len(line["text"])) == (200, 200)


def test_long_tracebacks_keep_their_end(journal: LogLines) -> None:
    try:
        raise ValueError("v" * 9_000 + " the end")
    except ValueError:
        logging.getLogger("a.library").exception("failed")
    (line,) = journal.lines()
    assert len(line["exception"]) == 4_000
    assert line["exception"].endswith("v the end")


def test_quiet_levels_are_not_written(journal: LogLines) -> None:
    logging.getLogger("a.library").debug("quiet")
    assert journal.lines() == []


@given(st.text(), st.from_regex(r"[0-9]([ -]?[0-9]){12,18}", fullmatch=True), st.text())
def test_card_numbers_never_survive(before: str, number: str, after: str) -> None:
    assert number not in redact_text(f"{before}{number}{after}")


@given(st.text())
def test_redaction_is_short_and_repeatable(text: str) -> None:
    once = redact_text(text)
    assert len(once) <= 200
    assert redact_text(once) == once


def is_told(token: str, text: str) -> bool:
    """Tell whether a text holds more of a token than is harmless."""
    return any(token[start : start + HARMLESS + 1] in text for start in range(len(token) - HARMLESS))


@pytest.mark.parametrize("pattern", DRESSES.values(), ids=DRESSES)
@pytest.mark.parametrize("door", DOORS)
def test_no_dress_hides_a_link(door: str, pattern: str) -> None:
    address = door + ("?" if door == "/a" else "") + dress(TOKEN, pattern)
    decoded = unquote(unquote(address))

    for written in (address, unquote(address), decoded, repr(decoded), repr(decoded.encode())):
        assert not is_told(TOKEN, redact_text(f"GET {written} failed"))


@pytest.mark.parametrize(
    "text", [f"token={TOKEN!r}", f"Signature of {TOKEN}. does not match", TOKEN.replace(".", "%2E")]
)
def test_a_token_is_struck_out_wherever_it_stands(text: str) -> None:
    assert not is_told(TOKEN, redact_text(text))


@pytest.mark.parametrize(
    "text",
    [
        "/activation/0123456789abcdef/return/{}",
        "%2Factivation%2F0123456789abcdef%2Freturn%2F{}",
        "/3ds/return?cres=e30&threeDSSessionData={}",
        "%3Fcres%3De30%26threeDSSessionData%3D{}",
        "{{'threeDSSessionData': '{}'}}",
        'ImmutableMultiDict([("threeDSSessionData", "{}")])',
    ],
)
def test_the_handle_of_an_attempt_is_struck_out(text: str) -> None:
    handle = SIGNER.sign_attempt_handle("9f1c7d6e-3b2a-4c5d-8e9f-0a1b2c3d4e5f")

    assert handle[:HARMLESS] not in redact_text(text.format(handle))
    assert "[link]" in redact_text(text.format(handle))


@pytest.mark.parametrize("path", ["/a", "/portal/sign-in"])
def test_what_stands_around_a_link_is_told(path: str) -> None:
    assert redact_text(f"GET {path}/{TOKEN}. 404 in 3 ms") == f"GET {path}/[link] 404 in 3 ms"
    assert redact_text(f"{path} is not {path}s") == f"{path} is not {path}s"


@given(st.data())
def test_folded_links_never_survive(data: st.DataObject) -> None:
    fold = data.draw(
        st.text(st.characters(exclude_characters=ALPHABET, exclude_categories=["Cs"]), min_size=1)
    )
    cut = data.draw(st.integers(HARMLESS + 1, len(TOKEN) - HARMLESS - 1))

    assert not is_told(TOKEN, redact_text(f"/a/{TOKEN[:cut]}{fold}{TOKEN[cut:]}"))
