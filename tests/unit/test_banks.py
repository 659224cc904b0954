"""The table of banks: a row says everything that the product, its files and its simulation need of a bank."""

import pytest

from app.domain.banks import BANKS, SAMPLE_BANKS, ActivationRoute, Bank
from app.domain.identifiers import is_bank_app_account, may_be_held_at, parse_iban
from app.services.dossier_file import RULES, CsvColumn

EACH_BANK = pytest.mark.parametrize("bank", BANKS.values(), ids=BANKS)


@EACH_BANK
def test_the_sample_account_of_each_bank_has_right_check_digits(bank: Bank) -> None:
    assert parse_iban(bank.sample_iban) == bank.sample_iban, f"{bank.name}: {bank.sample_iban} is no IBAN"


@EACH_BANK
def test_the_sample_account_of_each_bank_is_taken_as_one_of_that_bank_alone(bank: Bank) -> None:
    takers = [other.name for other in BANKS.values() if may_be_held_at(other, bank.sample_iban)]
    group = [other.name for other in BANKS.values() if other.bics & bank.bics]

    assert takers == group, f"{bank.name}: {bank.sample_iban} is an account elsewhere"


@EACH_BANK
def test_a_bank_with_an_app_is_known_by_its_accounts(bank: Bank) -> None:
    assert is_bank_app_account(bank.sample_iban) is (bank.route is ActivationRoute.BANK_APP)


@EACH_BANK
def test_a_dossier_file_may_name_each_bank_by_key_or_name(bank: Bank) -> None:
    assert {RULES[CsvColumn.BANK].check(text) for text in (bank.key, bank.name, bank.name.upper())} == {
        bank.key
    }


def test_one_bank_stands_for_each_route() -> None:
    assert {route: BANKS[SAMPLE_BANKS[route]].route for route in ActivationRoute} == {
        route: route for route in ActivationRoute
    }
