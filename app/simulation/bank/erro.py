"""The scheme's error message: fixed texts and field names, never a value (EMV 3DS 2.2.0, Erro)."""

from collections.abc import Mapping
from enum import StrEnum


class ErroCode(StrEnum):
    """The error codes that this server emits."""

    NOT_A_MESSAGE = "101"
    VERSION = "102"
    MISSING = "201"
    FORMAT = "203"
    DUPLICATE = "204"
    UNKNOWN_TRANSACTION = "301"
    DENIED = "303"
    WRONG_STATE = "305"
    TRANSIENT = "403"


DESCRIPTIONS: Mapping[ErroCode, str] = {
    ErroCode.NOT_A_MESSAGE: "Message received invalid",
    ErroCode.VERSION: "Message version number not supported",
    ErroCode.MISSING: "Required data element missing",
    ErroCode.FORMAT: "Format of one or more data elements is invalid",
    ErroCode.DUPLICATE: "Duplicate data element",
    ErroCode.UNKNOWN_TRANSACTION: "Transaction ID not recognised",
    ErroCode.DENIED: "Access denied, invalid endpoint",
    ErroCode.WRONG_STATE: "Transaction data not valid",
    ErroCode.TRANSIENT: "Transient system failure",
}


class Erro(Exception):
    """A message that cannot be served; carries the code, the HTTP status and field names."""

    def __init__(self, code: ErroCode, detail: str = "", http: int = 400) -> None:
        super().__init__(f"{code} {detail}")
        self.code = code
        self.detail = detail
        self.http = http

    def to_message(self) -> dict[str, str]:
        """Return the error as it goes over the wire."""
        return {
            "messageType": "Erro",
            "errorCode": self.code.value,
            "errorComponent": "S",
            "errorDescription": DESCRIPTIONS[self.code],
            "errorDetail": self.detail,
        }
