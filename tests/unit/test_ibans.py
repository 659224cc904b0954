"""Accounts of KBC and CBC: the checksum and the bank are checked, and either serves either."""

import pytest

from app.domain.identifiers import is_bank_app_account, parse_iban

KBC, CBC, BNP, GERMAN = (
    "BE67400123456787",
    "BE57190123456735",
    "BE48001123456727",
    "DE89370400440532013000",
)


@pytest.mark.parametrize(
    "typed",
    [
        KBC,
        "BE67 4001 2345 6787",
        "be67 4001 2345 6787",
        " BE67400123456787\n",
        "BE67\u00a04001\u00a02345\u00a06787",
    ],
)
def test_accounts_are_kept_without_spaces(typed: str) -> None:
    assert parse_iban(typed) == KBC


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "BE",
        "BE68400123456787",
        "BE67400123456788",
        "BE6740012345678",
        "BE674001234567870",
        "XX67400123456787",
        "4000024329596391",
        "B" * 10_000,
    ],
)
def test_wrong_accounts_are_refused(typed: str) -> None:
    assert parse_iban(typed) is None


@pytest.mark.parametrize(
    ("iban", "serves"), [(KBC, True), (CBC, True), (BNP, False), (GERMAN, False), ("BE66670123456743", False)]
)
def test_kbc_and_cbc_serve_each_other(iban: str, serves: bool) -> None:
    assert parse_iban(iban) == iban
    assert is_bank_app_account(iban) is serves
