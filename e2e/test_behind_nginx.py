"""From the link to the bank's page and back, through nginx as `deploy` has it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from pytest_playwright import CreateContextCallback

from app.clock import system_clock
from app.i18n import DEFAULT_LANGUAGE
from app.simulation.bank import create_simulated_bank
from app.simulation.bank.bank_settings import SimulatedBankSettings
from e2e.devices import context_args
from e2e.expectations import expect_active
from e2e.options import RunOptions
from e2e.own_server import SECRET, free_port
from e2e.pages import SuccessPage
from e2e.product import Product
from e2e.walks import GOOD_CARD, to_bank
from tests.support.proxies import proxied_site
from tests.support.proxy_programs import proxies_under_test
from tests.support.serving import served


@pytest.fixture(params=proxies_under_test("nginx"))
def proxied(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Product]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    with free_port() as listening:
        bank_url = f"https://127.0.0.1:{listening.getsockname()[1]}"
        staging = {
            "CARO_PRODUCTION": "false",
            "CARO_SIMULATION": "true",
            "CARO_SMTP_HOST": "",
            "CARO_BANK_API_KEY": SECRET.get_secret_value(),
            "CARO_BANK_URL": bank_url,
            "CARO_CHALLENGE_ORIGINS": bank_url,
            "SSL_CERT_FILE": str(tmp_path / "authority.pem"),
        }
        with proxied_site(request.param, tmp_path, authority, staging) as site:
            bank = SimulatedBankSettings(
                _env_file=None,
                api_key=SECRET,
                public_url=bank_url,
                return_origins=(site.url,),
                database=tmp_path / "bank.db",
            )
            with served(create_simulated_bank(bank, system_clock), listening, authority):
                yield Product(site.url, authority=authority)


@pytest.mark.own_server("the server is its own, behind a proxy")
@pytest.mark.chromium("the certificate is a test's, and the browser tells the protocol")
def test_nginx_leads_from_the_link_to_active(
    proxied: Product, new_context: CreateContextCallback, run: RunOptions, browser_name: str
) -> None:
    device = context_args(run.device, browser_name, DEFAULT_LANGUAGE)
    page = new_context(**device, ignore_https_errors=True).new_page()
    order = proxied.order(DEFAULT_LANGUAGE)
    active = to_bank(page, proxied, order).sign_on_page(SuccessPage)
    assert page.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol") == "h2"
    expect_active(proxied, order, active, GOOD_CARD)
