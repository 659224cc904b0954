"""A bank that outlives whoever asks it: its verdicts are files, and it never keeps a card."""

from pathlib import Path

from app.bank.gateway import BankChallenge, BankFault, CardAuthenticationRequest
from app.domain.bank_results import BankFaultKind, BankResult, CardVerification, TransactionStatus
from app.domain.cards import Card
from tests.support.doubles import FakeBrowserMessages

SIGNED, REFUSED = "signed", "refused"
_VERDICTS = {
    "": None,
    SIGNED: BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.APPROVED),
    REFUSED: BankResult(TransactionStatus.NOT_AUTHENTICATED, reason="19"),
}


class BankOnDisk(FakeBrowserMessages):
    """One file for each transaction that reached the bank: empty until it has decided."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._folder = folder

    def authenticate_card(self, card: Card, request: CardAuthenticationRequest) -> BankChallenge:
        (self._folder / request.transaction).touch()
        return BankChallenge("http://127.0.0.1:8001/acs/challenge", request.transaction)

    def fetch_result(self, transaction: str) -> BankResult | None:
        file = self._folder / transaction
        if not file.exists():
            raise BankFault(BankFaultKind.UNKNOWN_TRANSACTION)
        return _VERDICTS[file.read_text()]

    def decides(self, transaction: str, verdict: str) -> None:
        """Let a transaction have this verdict from now on."""
        (self._folder / transaction).write_text(verdict)

    def transactions(self) -> list[str]:
        """Name every transaction that reached the bank."""
        return [file.name for file in self._folder.iterdir()]
