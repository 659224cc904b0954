"""What testers ask of the simulated bank, server to server; a real bank has no such address."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.bank.gateway import BankFault
from app.bank.http import HttpEndpoint, json_headers
from app.bank.wire import InvalidMessage, read_object
from app.domain.bank_results import BankFaultKind


@dataclass(frozen=True)
class BankControlClient:
    """The simulated bank, as testers command it."""

    endpoint: HttpEndpoint
    api_key: str

    def age_transactions(
        self, transactions: Sequence[str], office: str, client_reference: str, by: timedelta
    ) -> None:
        """Make transactions, and what their cardholder did at the bank, older; raise BankFault."""
        holder = {"office": office, "clientReference": client_reference}
        self._post_command("ageing", transactions=[*transactions], **holder, seconds=by.total_seconds())

    def set_fault(self, office: str, client_reference: str, kind: str) -> None:
        """Let the bank's server misbehave towards one request; raise BankFault."""
        self._post_command("fault", office=office, clientReference=client_reference, kind=kind)

    def end_challenge(self, transaction: str, session_data: str, route: str) -> bool:
        """Do what a cardholder does on the bank's pages; raise BankFault."""
        return self._post_command("ending", transaction=transaction, sessionData=session_data, kind=route)

    def help_cardholder(self, office: str, client_reference: str, step: str) -> None:
        """Do one thing at the bank for a cardholder; raise BankFault."""
        self._post_command("help", office=office, clientReference=client_reference, kind=step)

    def decide_in_app(self, bank: str, client_reference: str, public_id: str, decision: str) -> bool:
        """Answer a request in the bank's app; raise BankFault."""
        message = {"bank": bank, "clientReference": client_reference, "requestId": public_id}
        return self._post_command("decision", **message, kind=decision)

    def forget_office(self, office: str, client_references: Sequence[str]) -> None:
        """Let the bank forget an office's requests; raise BankFault."""
        self._post_command("forgetting", office=office, clientReferences=[*client_references])

    def _post_command(self, command: str, **message: object) -> bool:
        headers, body = json_headers(self.api_key), json.dumps(message).encode()
        answer = self.endpoint.send_request("POST", f"/sandbox/{command}", headers, body)
        try:
            reply = read_object(answer.body)
        except InvalidMessage:
            raise BankFault(BankFaultKind.BAD_ANSWER) from None
        if answer.status != 200:
            raise BankFault(BankFaultKind.BAD_ANSWER)
        return reply.get("found") is True
