"""The operator lets accountants in and shuts them out, by commands."""

import pytest
from click.testing import Result
from flask.testing import FlaskClient

from app.db import Database
from app.domain.roles import Role
from app.web.extensions import Services
from tests.support.commands import Caro
from tests.support.office import ACCOUNTANT, ANNE, OFFICE
from tests.support.ordering import open_elsewhere
from tests.support.portal import token_in


def said(result: Result) -> str:
    assert result.exit_code == 0, result.stderr
    return result.stdout.strip()


def test_the_printed_link_signs_in(run: Caro, client: FlaskClient) -> None:
    path = said(run("sign-in", ACCOUNTANT)).removeprefix("http://localhost:8000")
    answer = client.post(path, data={"csrf_token": token_in(client.get(path).text)})

    assert answer.location == "/portal/caro"
    assert client.get("/portal/caro").status_code == 200


def test_each_printed_link_is_another(run: Caro) -> None:
    assert said(run("sign-in", ACCOUNTANT)) != said(run("sign-in", ACCOUNTANT))


def test_a_disabled_accountant_gets_no_link_until_enabled(run: Caro) -> None:
    said(run("accountants", "disable", ACCOUNTANT))
    refused = run("sign-in", ACCOUNTANT)
    assert (refused.exit_code, refused.stdout) == (2, "")

    said(run("accountants", "enable", ACCOUNTANT))
    assert said(run("sign-in", ACCOUNTANT))


def test_the_list_says_who_is_disabled(run: Caro) -> None:
    assert said(run("accountants")) == f"{ACCOUNTANT}  {OFFICE}  responsible  enabled"
    said(run("accountants", "disable", ACCOUNTANT))
    assert said(run("accountants")) == f"{ACCOUNTANT}  {OFFICE}  responsible  disabled 2026-11-23 09:00 UTC"


@pytest.mark.parametrize("words", [("sign-in",), ("accountants", "disable"), ("accountants", "enable")])
@pytest.mark.parametrize("email", ["nobody@elsewhere.example", "no address", ""])
def test_a_stranger_is_refused_in_words(run: Caro, words: tuple[str, ...], email: str) -> None:
    refused = run(*words, email)

    assert refused.exit_code == 2
    assert refused.stderr.startswith("Error: There is no such accountant")


def test_an_accountant_is_added_without_a_file(run: Caro) -> None:
    said(run("accountants", "add", OFFICE, "-", "--language", "nl", input="Jan@Lambert.example\n"))
    assert f"jan@lambert.example  {OFFICE}  responsible  enabled" in said(run("accountants"))
    assert said(run("sign-in", "-", input="jan@lambert.example\n")).startswith(
        "http://localhost:8000/portal/"
    )


def test_an_accountant_is_added_with_a_language(run: Caro, client: FlaskClient) -> None:
    said(run("accountants", "add", OFFICE, "jan@lambert.example", "--language", "nl"))
    path = said(run("sign-in", "jan@lambert.example")).removeprefix("http://localhost:8000")
    client.post(path, data={"csrf_token": token_in(client.get(path).text)})
    assert '<html lang="nl"' in client.get("/portal/caro").text


@pytest.mark.parametrize("role", ["reader", "collaborator", "responsible"])
def test_an_accountant_is_added_in_a_role(run: Caro, role: str) -> None:
    said(run("accountants", "add", OFFICE, "jan@lambert.example", "--role", role))
    assert f"jan@lambert.example  {OFFICE}  {role}  enabled" in said(run("accountants"))


def test_a_role_that_does_not_exist_is_refused_with_those_that_do(run: Caro) -> None:
    refused = run("accountants", "add", OFFICE, "jan@lambert.example", "--role", "boss")
    assert refused.exit_code == 2
    assert "'reader', 'collaborator', 'responsible'" in refused.stderr


@pytest.mark.parametrize(
    ("office", "email", "language", "reason"),
    [
        (OFFICE, ACCOUNTANT.upper(), "fr", "This address is an accountant's already."),
        ("Nowhere", "jan@lambert.example", "fr", "There is no such office."),
        (OFFICE, "jan", "fr", "This is not an e-mail address to which mails can go."),
        (OFFICE, "jan@lambert.example", "es", "The language must be one of fr, nl, en, de."),
    ],
)
def test_an_accountant_who_cannot_be_added_is_refused_in_words(
    run: Caro, office: str, email: str, language: str, reason: str
) -> None:
    before = said(run("accountants"))
    refused = run("accountants", "add", office, email, "--language", language)
    assert (refused.exit_code, refused.stderr.splitlines()[-1]) == (2, f"Error: {reason}")
    assert said(run("accountants")) == before


def test_the_list_says_who_is_invited_and_why_no_mail_leaves(
    run: Caro, services: Services, database: Database
) -> None:
    open_elsewhere(database)
    for email in ("lea@dupont.example", "zoe@ailleurs.example"):
        services.colleagues.invite_colleague(email, "Somebody", Role.READER, ANNE)

    told, until = said(run("accountants")), "invited until 2026-11-30 09:00 UTC"
    assert told.endswith(
        f"lea@dupont.example  {OFFICE}  reader  {until}\n"
        f"zoe@ailleurs.example  {OFFICE}  reader  {until}; no mail leaves: an accountant has this address"
    )
