"""The neighbours of the product, each call of which is a seam."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from limits.storage import MemoryStorage

from app.bank.gateway import BankAppRequest, BankChallenge, BankFault, CardAuthenticationRequest
from app.domain.bank_results import AppDecision, BankFaultKind, BankResult, RegisterRefusal
from app.domain.cards import Card
from app.mail.transports import DeliveryFailed
from tests.seams.seam_watch import Failure, Seam, SeamWatch
from tests.support.doubles import FakeBank, FakeBankApp, RecordingTransport

_BANK: Mapping[Failure, Exception] = {
    Failure.REFUSED: BankFault(BankFaultKind.UNREACHABLE),
    Failure.HUNG: BankFault(BankFaultKind.TIMED_OUT),
    Failure.CUT_OFF: BankFault(BankFaultKind.BAD_ANSWER),
    Failure.GONE: BankFault(BankFaultKind.NOT_ASKED),
}
_MAIL = dict.fromkeys(_BANK, DeliveryFailed())
_RATES: Mapping[Failure, Exception] = {
    **dict.fromkeys(_BANK, ConnectionRefusedError()),
    Failure.HUNG: TimeoutError(),
}


@dataclass
class SeamBank(FakeBank):
    """A bank that can be away for one call."""

    watch: SeamWatch = field(kw_only=True)

    def authenticate_card(
        self, card: Card, request: CardAuthenticationRequest
    ) -> BankChallenge | RegisterRefusal | BankResult:
        ask = super().authenticate_card
        return self.watch.call(Seam.BANK, lambda: ask(card, request), _BANK)

    def fetch_result(self, transaction: str) -> BankResult | None:
        ask = super().fetch_result
        return self.watch.call(Seam.BANK, lambda: ask(transaction), _BANK)


@dataclass
class SeamBankApp(FakeBankApp):
    """A bank's app that can be away for one call."""

    watch: SeamWatch = field(kw_only=True)

    def exchange_requests(self, requests: Sequence[BankAppRequest]) -> Mapping[str, AppDecision]:
        ask = super().exchange_requests
        return self.watch.call(Seam.BANK, lambda: ask(requests), _BANK)


@dataclass
class SeamTransport(RecordingTransport):
    """A relay that can refuse one mail, or lose its answer."""

    watch: SeamWatch = field(kw_only=True)

    def send_mail(self, address: str, mail: bytes) -> None:
        send = super().send_mail
        self.watch.call(Seam.MAIL, lambda: send(address, mail), _MAIL)


class SeamRates:
    """A store of rates that can be away for one call."""

    def __init__(self, watch: SeamWatch) -> None:
        self._watch, self._store = watch, MemoryStorage()

    def incr(self, key: str, expiry: int) -> int:
        return self._watch.call(Seam.RATES, lambda: self._store.incr(key, expiry), _RATES)

    def get(self, key: str) -> int:
        return self._watch.call(Seam.RATES, lambda: self._store.get(key), _RATES)

    def check(self) -> bool:
        return True


def state_of(double: Any) -> dict[str, Any]:
    """Return what a double remembers, so that it can be given back."""
    return {
        name: value.copy() if isinstance(value, dict | list | set) else value
        for name, value in vars(double).items()
        if name != "watch"
    }
