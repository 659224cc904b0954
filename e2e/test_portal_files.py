"""An office hands in a file: two hundred requests, of which twelve are wrong in twelve ways."""

import pytest
from playwright.sync_api import Page

from e2e.api_models import OfficeModel
from e2e.pages.portal import BulkOrderFormPage, BulkOrderPage, ToolkitPage
from e2e.portal_walks import BANK, sign_in
from e2e.product import CLOSED_CODE, CODE, Product
from tests.support.office_files import csv_file

MANY = 200
HEADINGS = ("Code", "Banque", "Référence client", "E-mail", "Langue")
#: The place of the cell, the field that is shown for it, what is wrong, and what is right.
FAULTS = (
    (0, "Code", "NOBODY", CODE),
    (0, "Code", CLOSED_CODE, CODE),
    (1, "Bank", "Atlantis", BANK),
    (2, "Client reference", "612", ""),
    (2, "Client reference", "61234567890", ""),
    (2, "Client reference", "612345678O", ""),
    (2, "Client reference", "5123456789", ""),
    (2, "Client reference", "6,12E+09", ""),
    (3, "Cardholder's email address", "", "right@client.example"),
    (3, "Cardholder's email address", "zoé@client.example", "right@client.example"),
    (3, "Cardholder's email address", "zoe@client,example", "right@client.example"),
    (4, "Cardholder's language", "klingon", "Deutsch"),
)


@pytest.mark.parametrize("seat", ["scriptless"], indirect=True)
def test_two_hundred_are_ordered_after_twelve_were_corrected(
    seat: Page, product: Product, office: OfficeModel
) -> None:
    references = [f"62{number:08}" for number in range(MANY)]
    rows = [[CODE, BANK, reference, "holder@client.example", "fr"] for reference in references]
    for row, (place, _field, wrong, _right) in zip(rows, FAULTS, strict=False):
        row[place] = wrong
    listed = sign_in(seat, product, office)
    check = listed.follow("Order for several dossiers", BulkOrderFormPage).hand_in(
        csv_file(*rows, headings=HEADINGS)
    )
    check.shows("Your office has no dossier with this code.")
    for line, (_place, field, _wrong, right) in enumerate(FAULTS, 2):
        check.correct(line, field, right or references[line - 2])

    ordered = check.save().order(MANY)
    ordered.follow("Toolkit", ToolkitPage)
    product.work(office)

    seat.go_back()
    BulkOrderPage(seat).reload(BulkOrderPage).tells(MANY, MANY)
