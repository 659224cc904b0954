"""An accountant finds somebody in the list: by a piece of a word, by who waits longest, by filters."""

from io import BytesIO

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from app.domain.failures import Failure
from app.domain.states import StatusLabel
from app.portal.list_wording import CAUSES, SORTS
from app.simulation.scenarios import SCENARIOS
from app.wording import LABELS
from e2e.api_models import OfficeModel
from e2e.devices import PHONE, everywhere, with_and_without_script
from e2e.pages import FailurePage
from e2e.pages.portal import ActivationListPage
from e2e.portal_walks import sign_in
from e2e.product import CLOSED_CODE, CODE, Product
from e2e.walks import to_card
from e2e.words import translate


@everywhere
def test_a_piece_of_a_word_or_of_a_reference_finds(seat: Page, product: Product, office: OfficeModel) -> None:
    first, second = product.order(office=office), product.order(office=office)
    listed = sign_in(seat, product, office).search("ETOIL rasser")
    expect(listed.rows).to_have_count(2)
    listed.counts("1–2", "2")
    listed = listed.search(f"toile {second.reference[2:]}")
    expect(listed.row_of(second.reference)).to_be_visible()
    expect(listed.row_of(first.reference)).to_have_count(0)
    listed.search("tilleul").shows("Nothing found.")


@with_and_without_script
def test_who_waits_longest_stands_first(seat: Page, product: Product, office: OfficeModel) -> None:
    late, early = product.order(office=office), product.order(office=office)
    product.pass_time(early, days=3)
    product.pass_time(late, days=1)
    listed = sign_in(seat, product, office).sort_by("Since")
    expect(listed.heading_of("Since")).to_have_attribute("aria-sort", "ascending")
    expect(listed.rows.nth(0)).to_contain_text(early.grouped_reference)
    listed = listed.sort_by("Since")
    expect(listed.heading_of("Since")).to_have_attribute("aria-sort", "descending")
    expect(listed.rows.nth(0)).to_contain_text(late.grouped_reference)
    expect(listed.rows.last).to_contain_text(CLOSED_CODE)


@everywhere
def test_filters_combine_and_a_bookmark_keeps_them(
    seat: Page, page: Page, product: Product, office: OfficeModel
) -> None:
    failed, other = product.order("nl", office=office), product.order("fr", office=office)
    product.order("nl", bank="kbc", office=office)
    (number,) = SCENARIOS["wrong_card"].cards
    to_card(page, failed).submit(number, product.expiry(), FailurePage)
    cause = translate(CAUSES[Failure.WRONG_CARD])
    listed = sign_in(seat, product, office)
    listed = listed.refine(bank="Belfius", language="Nederlands", order=translate(SORTS["date"]))
    expect(listed.rows).to_have_count(1)
    listed = listed.refine(state=translate(LABELS[StatusLabel.PROBLEM]), cause=cause)
    expect(listed.row_of(failed.reference)).to_contain_text(cause)
    bookmark = seat.url
    seat.goto(f"{product.product_url}/portal/caro")
    expect(ActivationListPage(seat).row_of(other.reference)).to_be_visible()
    seat.goto(bookmark)
    listed = ActivationListPage(seat)
    expect(listed.rows).to_have_count(1)
    listed.follow("Show all dossiers", ActivationListPage).counts("1–4", "4")


def test_a_bookmark_of_a_filter_that_is_gone_shows_the_rest(
    seat: Page, product: Product, office: OfficeModel
) -> None:
    sign_in(seat, product, office)
    seat.goto(f"{product.product_url}/portal/caro?state=lost&bank=kbc")
    listed = ActivationListPage(seat)
    listed.announces(
        "The address of this page asks for a filter or an order that does not exist. It was left out."
    )
    expect(listed.row(CODE)).to_be_visible()


@with_and_without_script
def test_what_is_listed_is_kept_as_a_file(seat: Page, product: Product, office: OfficeModel) -> None:
    dutch, french = product.order("nl", office=office), product.order("fr", office=office)
    listed = sign_in(seat, product, office).refine(language="Nederlands")
    kept = listed.export("Export to CSV")
    assert kept.suggested_filename.endswith(".csv")
    text = kept.path().read_text("utf-8-sig")
    assert dutch.grouped_reference in text
    assert french.grouped_reference not in text
    workbook = listed.export("Export to Excel")
    assert workbook.suggested_filename == kept.suggested_filename.replace(".csv", ".xlsx")
    rows = list(load_workbook(BytesIO(workbook.path().read_bytes())).worksheets[0].values)
    assert [row[3] for row in rows[1:]] == [dutch.grouped_reference]
    expect(listed.rows).to_have_count(1)


@everywhere
def test_the_first_dossier_is_seen_without_scrolling(
    seat: Page, product: Product, office: OfficeModel
) -> None:
    listed = sign_in(seat, product, office)
    top, row = seat.get_by_role("banner").bounding_box(), listed.rows.nth(0).bounding_box()
    assert top
    assert row
    assert row["y"] < PHONE["viewport"]["height"]
    assert top["height"] < PHONE["viewport"]["height"] / 3
