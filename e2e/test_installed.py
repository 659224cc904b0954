"""What an installation serves is walked like what a checkout serves, in French."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_playwright import CreateContextCallback

from app.i18n import DEFAULT_LANGUAGE
from e2e.devices import context_args
from e2e.expectations import expect_active
from e2e.options import RunOptions
from e2e.pages import SuccessPage
from e2e.product import Product
from e2e.walks import GOOD_CARD, to_bank
from tests.support.installation import build_wheel, install


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Product]:
    with install(tmp_path, str(build_wheel(tmp_path))).demo() as facts:
        yield Product(facts["base_url"])


@pytest.mark.own_server("the server is an installation of its own")
def test_a_wheel_leads_from_the_link_to_active(
    installed: Product, new_context: CreateContextCallback, run: RunOptions, browser_name: str
) -> None:
    page = new_context(**context_args(run.device, browser_name, DEFAULT_LANGUAGE)).new_page()
    order = installed.order(DEFAULT_LANGUAGE)
    active = to_bank(page, installed, order).sign(SuccessPage)
    expect_active(installed, order, active, GOOD_CARD)
