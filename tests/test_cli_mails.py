"""An operator sees which mails were given up, has them tried again, and sends one to see it arrive."""

import json

import pytest
from click.testing import Result
from sqlalchemy import update

from app.db import Database
from app.models import OutboxMessage
from app.settings import Settings
from app.web.extensions import Services
from tests.support.commands import Caro
from tests.support.doubles import RecordingTransport
from tests.support.office import ADDRESS, order_for


@pytest.fixture
def dead(services: Services, database: Database) -> str:
    placed = services.orders.place_order(order_for())
    with database.write_connection() as connection:
        connection.execute(update(OutboxMessage).values(dead_at=services.clock(), tries=12))
    return placed.public_id


def said(result: Result) -> str:
    assert result.exit_code == 0, result.stderr
    return result.stdout.strip()


def test_mails_that_were_given_up_are_listed_for_people_and_programs(run: Caro, dead: str) -> None:
    heading, line = said(run("mails")).splitlines()
    assert heading.split()[:4] == ["ID", "KIND", "REQUEST", "TRIES"]
    assert line.split()[1:] == ["invitation", dead, "12", "2026-11-23", "09:00"]
    (row,) = json.loads(said(run("mails", "--json")))
    assert (row["kind"], row["activation"], row["tries"]) == ("invitation", dead, 12)
    assert ADDRESS not in said(run("mails")) + said(run("mails", "--json"))


def test_they_are_tried_again_by_id_or_all(run: Caro, dead: str) -> None:
    (row,) = json.loads(said(run("mails", "--json")))
    assert said(run("mails", "retry", str(row["id"]))) == "Mails that the worker sends again: 1."
    assert json.loads(said(run("mails", "--json"))) == []
    assert said(run("mails", "retry", "--all")) == "Mails that the worker sends again: 0."
    none = run("mails", "retry", str(row["id"]))
    assert (none.exit_code, none.stderr.splitlines()[-1]) == (2, "Error: Some of these were not given up.")
    assert run("mails", "retry", "9" * 20).exit_code == 2


@pytest.mark.parametrize("words", [(), ("1", "--all")])
def test_which_ones_must_be_said(run: Caro, words: tuple[str, ...]) -> None:
    refused = run("mails", "retry", *words)
    assert (refused.exit_code, refused.stderr) == (2, "Error: Name the mails by their ids, or --all.\n")


@pytest.mark.parametrize("words", [("chef@caro.example",), ("-",), ()])
def test_a_mail_to_see_whether_any_arrives(
    run: Caro, sent_mails: RecordingTransport, settings: Settings, words: tuple[str, ...]
) -> None:
    assert said(run("mail-test", *words, input="chef@caro.example\n")).startswith("The mail has left")
    assert (sent_mails.last["To"], sent_mails.last["From"]) == ("chef@caro.example", settings.mail_sender)
    assert settings.public_url in sent_mails.last.get_content()


def test_a_mail_that_does_not_leave_is_said(run: Caro, sent_mails: RecordingTransport) -> None:
    sent_mails.refuses = True
    failed = run("mail-test", "chef@caro.example")
    assert (failed.exit_code, failed.stderr) == (
        1,
        "Error: The mail did not leave; 'caro check' tells why.\n",
    )


def test_a_test_mail_needs_an_address(run: Caro) -> None:
    refused = run("mail-test", "chef")
    assert refused.exit_code == 2
    assert "This is not an e-mail address" in refused.stderr
