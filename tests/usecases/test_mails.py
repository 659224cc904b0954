"""The form of the mails: headers that reach people, text and page alike, names that break nothing."""

import re
from collections.abc import Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime

import html5lib
import pytest
from bs4 import BeautifulSoup
from flask import Flask

from app.domain.history import MailKind
from app.domain.mail_rules import MAILS, Recipient
from app.i18n import LANGUAGES, _, override_locale
from app.mail.rendering import MailRenderer
from app.web.extensions import Services
from tests.support.doubles import RecordingTransport
from tests.support.mail_parts import PUBLIC_URL, letter_in, letter_of, name_in, part, read, writing
from tests.support.office import ACCOUNTANT, ADDRESS, ORDER, REFERENCE, order_for

TO_CARDHOLDER = [kind for kind in MailKind if MAILS[kind].recipient is Recipient.CARDHOLDER]

#: The names that an office or a dossier could have if somebody wished us ill, or lives elsewhere.
NAMES = {
    "line breaks": "Dupont\r\nBcc: thief@evil.example\r\n\r\n<html>",
    "markup": "<b>Dupont</b> & \"Fils\" <script>alert('x')</script>",
    "encoded word": "=?utf-8?q?a=0D=0ABcc:_thief@evil.example?=",
    "placeholders": "%(office)s {{ 7 * 7 }} 100% %s",
    "one long word": "A" * 120,
    "many words": "Bureau Lefèvre " * 8,
    "emoji": "🧾" * 60,
    "right to left": "مكتب المحاسبة",
    "turned direction": "\u202etnopuD\u2066 \u200f",
    "control characters": "Du\x00po\x1bnt\u2028\ufeff",
}


@pytest.fixture
def compose() -> Iterator[MailRenderer]:
    with writing() as composer:
        yield composer


#: At the head of each page; the text has its sender's name alone.
LETTERHEAD = ["CARO", "Card", "statements", "for", "your", "accounting"]


def words(text: str) -> list[str]:
    return text.replace("\u00a0", " ").split()


def words_of_text(mail: bytes) -> list[str]:
    """Return what is read, without the marks of headings, lists and quotes, and where the entries lead."""
    lines = (re.sub(r"^(-+$|- |\d+\. |> |  http.*)", "", line) for line in part(mail, "plain").splitlines())
    return words("\n".join(lines))


def words_of_page(mail: bytes) -> list[str]:
    """Return what is read below the letterhead and the heading, which is the subject."""
    page = BeautifulSoup(part(mail, "html"), "html.parser").main
    assert page is not None
    for label in page.select("dt"):
        label.append(":")
    letterhead, heading = page.p, page.h1
    assert letterhead is not None
    assert heading is not None
    assert words(letterhead.extract().text) == LETTERHEAD
    assert words(heading.extract().text) == words(str(read(mail)["Subject"]))
    return words(page.get_text(" ").replace(" :", ":"))


@pytest.mark.parametrize("kind", list(MailKind))
def test_text_and_page_say_the_same(compose: MailRenderer, kind: MailKind) -> None:
    mail = compose(letter_of(kind))

    assert words_of_text(mail) == words_of_page(mail)
    assert len(words_of_text(mail)) > 30


@pytest.mark.parametrize("kind", list(MailKind))
def test_headers_are_those_of_a_mail_that_a_program_sends(compose: MailRenderer, kind: MailKind) -> None:
    letter = letter_of(kind, round=2)
    mail = read(compose(letter))

    assert mail["From"] == "CARO <caro@example.be>"
    assert mail["To"] == (ADDRESS if kind in TO_CARDHOLDER else ACCOUNTANT)
    assert parsedate_to_datetime(mail["Date"]).astimezone(UTC) == letter.created_at
    assert mail["Message-ID"] == f"<{kind}.2.{letter.public_id}@example.be>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "multipart/alternative"
    assert [one.get_content_type() for one in mail.iter_parts()] == ["text/plain", "text/html"]
    assert len(str(mail["Subject"])) < 110
    assert "http" not in mail["Subject"]
    assert "EUR" not in mail["Subject"]


@pytest.mark.parametrize("kind", list(MailKind))
def test_an_answer_to_the_cardholders_mails_reaches_the_office(compose: MailRenderer, kind: MailKind) -> None:
    assert read(compose(letter_of(kind)))["Reply-To"] == (ACCOUNTANT if kind in TO_CARDHOLDER else None)


@pytest.mark.parametrize("language", list(LANGUAGES))
@pytest.mark.parametrize("kind", list(MailKind))
def test_a_mail_speaks_its_readers_language(compose: MailRenderer, kind: MailKind, language: str) -> None:
    mail = compose(letter_in(language, kind))

    assert read(mail)["Content-Language"] == language
    assert f'<html lang="{language}">' in part(mail, "html")
    with override_locale(language):
        assert str(_("Hello,")) in part(mail, "plain")


@pytest.mark.parametrize("kind", list(MailKind))
def test_every_relay_can_carry_it(compose: MailRenderer, kind: MailKind) -> None:
    mail = compose(name_in(letter_of(kind), "Bureau Lefèvre & Associés"))

    assert mail.isascii()
    assert max(len(line) for line in mail.split(b"\r\n")) <= 998
    assert [one["Content-Transfer-Encoding"] for one in read(mail).iter_parts()] == ["quoted-printable"] * 2
    assert len(part(mail, "html").encode()) < 20_000


@pytest.mark.parametrize("kind", list(MailKind))
def test_the_page_is_sound_and_fetches_nothing(compose: MailRenderer, kind: MailKind) -> None:
    html = part(compose(letter_of(kind)), "html")
    html5lib.HTMLParser(strict=True).parse(html)
    page = BeautifulSoup(html, "html.parser")

    assert len(page.select("h1")) == 1
    assert page.title is not None
    assert words(page.title.text) == words(page.select("h1")[0].text)
    assert page.select("img, script, link, iframe, form, [src], [background]") == []
    assert "url(" not in html
    assert "@import" not in html
    assert all(str(link["href"]).startswith(f"{PUBLIC_URL}/") for link in page.select("[href]"))
    # A list of entries shows no addresses, which nobody would read a hundred of.
    assert all(str(link["href"]) in link.text for link in page.select("a:not(.button, li a)"))


@pytest.mark.parametrize("kind", list(MailKind))
def test_the_inbox_shows_a_line_of_its_own(compose: MailRenderer, kind: MailKind) -> None:
    mail = compose(letter_of(kind))
    preview = BeautifulSoup(part(mail, "html"), "html.parser").select_one("body > div")

    assert preview is not None
    assert "display:none" in preview["style"]
    assert preview.text
    assert preview.text not in part(mail, "plain")


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
@pytest.mark.parametrize("kind", list(MailKind))
def test_no_name_breaks_headers_or_markup(compose: MailRenderer, kind: MailKind, name: str) -> None:
    usual = compose(letter_of(kind))
    mail = compose(name_in(letter_of(kind), name))

    assert read(mail).keys() == read(usual).keys()
    assert read(mail).defects == []
    assert not str(read(mail)["Subject"]).startswith(" ")
    assert max(len(line) for line in mail.split(b"\r\n")) <= 998
    assert words_of_text(mail) == words_of_page(mail)
    assert tags(mail) == tags(usual)
    assert not re.search("[\x00\x1b\u2028-\u202e\u2066-\u2069]", part(mail, "plain") + part(mail, "html"))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (NAMES["line breaks"], "Dupont Bcc: thief@evil.example <html>"),
        (NAMES["encoded word"], "= ?utf-8?q?a=0D=0ABcc:_thief@evil.example?="),
        (NAMES["placeholders"], NAMES["placeholders"]),
    ],
)
def test_a_name_is_read_sign_by_sign(compose: MailRenderer, name: str, shown: str) -> None:
    assert f" {shown} " in " ".join(
        words(part(compose(letter_of(MailKind.INVITATION, office=name)), "plain"))
    )


def tags(mail: bytes) -> list[str]:
    return [tag.name for tag in BeautifulSoup(part(mail, "html"), "html.parser").find_all(True)]


def test_a_repeat_has_the_same_words_and_identity(compose: MailRenderer) -> None:
    first, again = (read(compose(letter_of(MailKind.INVITATION))) for _ in range(2))

    assert first["Message-ID"] == again["Message-ID"]
    assert [one.get_content() for one in first.iter_parts()] == [
        one.get_content() for one in again.iter_parts()
    ]


@pytest.mark.parametrize("bank", ["belfius", "kbc"])
def test_an_order_becomes_its_mail(
    app: Flask, services: Services, sent_mails: RecordingTransport, bank: str
) -> None:
    iban = "BE78735000000186" if bank == "kbc" else None
    services.orders.place_order(order_for(bank=bank, language="en", iban=iban))
    with app.app_context():
        services.outbox.deliver_due()
    mail = sent_mails.last.as_bytes()

    assert read(mail)["To"] == ORDER.address
    assert read(mail)["Reply-To"] == ACCOUNTANT
    assert ("http" in part(mail, "plain")) == (bank == "belfius")
    assert REFERENCE not in part(mail, "plain")
    assert "6123 456 789" in part(mail, "html")
