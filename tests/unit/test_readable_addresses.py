"""An address of a domain with accents is shown as people write it, and no look-alike passes for another."""

import pytest

from app.domain.identifiers import mask_address, readable_address
from app.domain.order_rules import parse_email_address


@pytest.mark.parametrize(
    "typed", ["a@société.be", "jean.dupont@crème-brûlée.mail.be", "an@œuvre.be", "a@straße.example"]
)
def test_it_is_shown_as_it_was_typed(typed: str) -> None:
    kept = parse_email_address(typed)

    assert kept.isascii()
    assert readable_address(kept) == typed


@pytest.mark.parametrize(
    "kept",
    [
        # Cyrillic alone, Cyrillic among Latin letters, a dot below, a dotless i.
        *("a@xn--80ak6aa92e.com", "a@xn--pple-43d.com", "a@xn--bnk-sgz.com", "a@xn--bnk-jua.be"),
        *("a@xn--.be", "a@xn--99999999.be", "a@xn--a.be", "a@xn--société.be", "a@example.be", "", "deleted"),
    ],
)
def test_any_other_is_shown_as_it_is_kept(kept: str) -> None:
    assert readable_address(kept) == kept


def test_a_masked_address_is_readable_too() -> None:
    assert mask_address("anne@xn--socit-esab.be") == "a•••@société.be"
