"""The load that `make load` puts on a server: everybody arrives, and where there is no /qa nobody begins."""

import pytest

from app.domain.states import ActivationState
from e2e.api import Api, ApiRefused
from e2e.product import Product
from tests.load.walks import WalkLoad


def test_many_cardholders_at_once_all_arrive(product: Product) -> None:
    outcome = WalkLoad(product.product_url, visitors=3).run(seconds=0)

    assert dict(outcome.faults) == {}
    assert dict(outcome.states) == {ActivationState.ACTIVE: 3}
    assert outcome.unsent == 0
    assert len(outcome.waits["GET result"]) == 3


def test_a_server_without_testers_pages_is_left_alone(product: Product) -> None:
    with pytest.raises(ApiRefused):
        WalkLoad(Api(product.product_url).server().bank_url, visitors=1)
