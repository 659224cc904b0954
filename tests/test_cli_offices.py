"""The operator sets what cardholders are shown of an office, by commands."""

import pytest
from click.testing import Result

from tests.support.commands import Caro
from tests.support.office import OFFICE


def printed(result: Result) -> str:
    assert result.exit_code == 0, result.stderr
    return result.stdout.strip().replace("\u00a0", " ")


def test_an_office_has_no_telephone_until_it_is_set(run: Caro) -> None:
    assert printed(run("offices")) == f"{OFFICE}  no telephone"


def test_a_telephone_is_set_shown_and_taken_away(run: Caro) -> None:
    assert printed(run("offices", "set", OFFICE, "--telephone", "+32 (0)2/012.34.56")) == (
        f"{OFFICE}  02 012 34 56"
    )
    assert printed(run("offices")) == f"{OFFICE}  02 012 34 56"

    assert printed(run("offices", "set", OFFICE, "--telephone", "")) == f"{OFFICE}  no telephone"
    assert printed(run("offices")) == f"{OFFICE}  no telephone"


@pytest.mark.parametrize("text", ["Anne", "02 012 34", "0900 12 345", "4000 0243 2959 6391"])
def test_a_wrong_number_is_refused_and_the_old_one_stays(run: Caro, text: str) -> None:
    run("offices", "set", OFFICE, "--telephone", "02 012 34 56")
    refused = run("offices", "set", OFFICE, "--telephone", text)

    assert refused.exit_code == 2
    assert refused.stderr.startswith("Error: This is not a Belgian telephone number")
    assert printed(run("offices")) == f"{OFFICE}  02 012 34 56"


def test_an_unknown_office_is_refused_in_words(run: Caro) -> None:
    refused = run("offices", "set", "Bureau Nobody", "--telephone", "02 012 34 56")

    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == "Error: There is no such office.\n"
