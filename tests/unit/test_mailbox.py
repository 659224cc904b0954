"""The Maildir stands for the recipients' own mailboxes: any mail program reads it, its names tell nothing."""

import mailbox
from pathlib import Path
from shutil import rmtree

import pytest

from app.mail.transports import DeliveryFailed, MaildirTransport
from tests.support.event_lines import capture_logs

HOLDER = "marie.dupont@example.test"
MAIL = b"To: marie.dupont@example.test\r\nSubject: CARO\r\n\r\nBonjour\r\n"


def test_mails_lie_in_the_box_until_somebody_reads_them(tmp_path: Path) -> None:
    transport = MaildirTransport(tmp_path / "kept" / "mail")
    for _ in range(2):
        transport.send_mail(HOLDER, MAIL)
    transport.close_connection()
    transport.send_mail(HOLDER, MAIL)
    found = mailbox.Maildir(tmp_path / "kept" / "mail", create=False)
    assert [(mail["To"], mail["Subject"]) for mail in found] == [(HOLDER, "CARO")] * 3


def test_file_names_hold_no_address(tmp_path: Path) -> None:
    MaildirTransport(tmp_path / "mail").send_mail(HOLDER, MAIL)
    names = [path.name for path in tmp_path.rglob("*")]
    assert len(names) == 5
    assert not any("marie" in name or "example.test" in name for name in names)


def test_nobody_else_on_the_machine_reads_mails(tmp_path: Path) -> None:
    MaildirTransport(tmp_path / "mail")
    assert {part.stat().st_mode & 0o777 for part in (tmp_path / "mail").iterdir()} == {0o700}


def test_disk_that_takes_no_mail_is_asked_later(tmp_path: Path) -> None:
    transport = MaildirTransport(tmp_path / "mail")
    rmtree(tmp_path / "mail")
    with capture_logs() as lines, pytest.raises(DeliveryFailed) as raised:
        transport.send_mail(HOLDER, MAIL)
    assert raised.value.args == ()
    assert lines == [{"event": "mailbox_failed", "cause": "No such file or directory", "level": "warning"}]


def test_a_folder_that_somebody_has_made_becomes_a_mailbox(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    MaildirTransport(tmp_path / "mail").send_mail(HOLDER, MAIL)
    assert len(list((tmp_path / "mail" / "new").iterdir())) == 1
