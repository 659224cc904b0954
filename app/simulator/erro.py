"""The scheme's error message: fixed texts and field names, never a value (EMV 3DS 2.2.0, Erro)."""

from collections.abc import Mapping
from enum import StrEnum


class ErrorCode(StrEnum):
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


DESCRIPTIONS: Mapping[ErrorCode, str] = {
    ErrorCode.NOT_A_MESSAGE: "Message received invalid",
    ErrorCode.VERSION: "Message version number not supported",
    ErrorCode.MISSING: "Required data element missing",
    ErrorCode.FORMAT: "Format of one or more data elements is invalid",
    ErrorCode.DUPLICATE: "Duplicate data element",
    ErrorCode.UNKNOWN_TRANSACTION: "Transaction ID not recognised",
    ErrorCode.DENIED: "Access denied, invalid endpoint",
    ErrorCode.WRONG_STATE: "Transaction data not valid",
    ErrorCode.TRANSIENT: "Transient system failure",
}


class Erro(Exception):
    """A message that cannot be served; carries the code, the HTTP status and field names."""

    def __init__(self, code: ErrorCode, detail: str = "", http: int = 400) -> None:
        super().__init__(f"{code} {detail}")
        self.code = code
        self.detail = detail
        self.http = http

    def message(self) -> dict[str, str]:
        """Return the error as it goes over the wire."""
        return {
            "messageType": "Erro",
            "errorCode": self.code.value,
            "errorComponent": "S",
            "errorDescription": DESCRIPTIONS[self.code],
            "errorDetail": self.detail,
        }
