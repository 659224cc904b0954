"""What the tests of deployment share: the product behind each proxy, one server a module."""

from collections.abc import Iterator

import pytest
import trustme

from app.cli.listening_ports import free_port
from tests.support.proxies import ProxiedSite, proxied, proxied_site
from tests.support.proxy_programs import proxies_under_test


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module", params=proxies_under_test())
def proxy(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def site(
    proxy: str, authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ProxiedSite]:
    with proxied_site(proxy, tmp_path_factory.mktemp(proxy), authority) as running:
        yield running


@pytest.fixture(scope="module")
def lonely_site(
    proxy: str, authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ProxiedSite]:
    """A proxy whose product is down, and which has little patience with bodies."""
    folder = tmp_path_factory.mktemp(f"lonely-{proxy}")
    with proxied(proxy, folder, authority, free_port(), free_port(), 1) as running:
        yield running
