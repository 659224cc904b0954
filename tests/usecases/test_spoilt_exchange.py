"""A request that a bank's app cannot take: the others of the same exchange are asked about all the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from app.bank.gateway import BankAppRequest, BankFault
from app.domain.bank_results import AppDecision, BankFaultKind
from app.domain.states import ActivationState
from app.queries.activation_list import list_summaries
from app.web.extensions import Services
from tests.support.doubles import MovableStopwatch
from tests.support.office import order_for

IBAN = "BE78735000000186"


@dataclass
class PickyBank:
    """A bank whose cardholders have all confirmed; one of the requests makes it answer nonsense."""

    spoilt: frozenset[str]
    fault: BankFaultKind = BankFaultKind.BAD_ANSWER
    asked: list[int] = field(default_factory=list)

    def exchange_requests(self, requests: Sequence[BankAppRequest]) -> Mapping[str, AppDecision]:
        self.asked.append(len(requests))
        if self.spoilt & {one.public_id for one in requests}:
            raise BankFault(self.fault)
        return {one.public_id: AppDecision.CONFIRMED for one in requests}


@pytest.fixture
def public_ids(services: Services) -> list[str]:
    orders = (order_for(bank="kbc", iban=IBAN, client_reference=f"60000000{n:02}") for n in range(20))
    return [services.orders.place_order(order).public_id for order in orders]


def active(services: Services) -> set[str]:
    return {
        line.public_id for line in list_summaries(services.context) if line.state is ActivationState.ACTIVE
    }


def test_one_request_does_not_keep_back_the_others(services: Services, public_ids: list[str]) -> None:
    bank = PickyBank(frozenset(public_ids[7:8]))

    assert replace(services, bank_app=bank).bank_apps.exchange_with_bank_apps() == 20

    assert active(services) == {*public_ids} - bank.spoilt
    assert len(bank.asked) <= 11


def test_a_bank_that_never_makes_sense_is_left_alone_past_the_time_limit(
    services: Services, public_ids: list[str], stopwatch: MovableStopwatch
) -> None:
    bank = PickyBank(frozenset(public_ids))
    stopwatch.jump = 6

    assert replace(services, bank_app=bank).bank_apps.exchange_with_bank_apps() == 20

    assert bank.asked == [20]


@pytest.mark.parametrize("fault", [BankFaultKind.UNREACHABLE, BankFaultKind.TIMED_OUT])
def test_a_bank_that_does_not_answer_is_asked_once_a_turn(
    services: Services, public_ids: list[str], fault: BankFaultKind
) -> None:
    bank = PickyBank(frozenset(public_ids), fault)
    replace(services, bank_app=bank).bank_apps.exchange_with_bank_apps()

    assert bank.asked == [20]
