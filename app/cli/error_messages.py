"""What the command line says when it cannot do what it was asked: one plain sentence, no stack trace."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import click
from sqlalchemy.exc import DBAPIError, OperationalError

from app.catalogues import SOURCE
from app.db import read_cause
from app.domain.banks import BANKS
from app.domain.file_rules import FileFault, InvalidFile
from app.domain.order_rules import ActionRefused, OrderProblem
from app.i18n import LANGUAGES, override_locale
from app.services.offices import AccountantExists, InvalidTelephone, UnknownOffice
from app.services.sign_in import InvalidEmailAddress, UnknownAccountant
from app.web.extensions import Services
from app.web.file_wording import tell_fault

#: How a command reaches the services; built only by the commands that need them.
Builder = Callable[[], Services]

SENTENCES: Mapping[OrderProblem, str] = {
    OrderProblem.NO_DOSSIER: "There is no such dossier in this office, or no such accountant.",
    OrderProblem.NO_MANDATE: "No active CODA mandate (Pas de mandat CODA actif).",
    OrderProblem.BANK_NOT_OFFERED: "The dossier has no active mandate at this bank.",
    OrderProblem.REFERENCE_MISSING: "The client reference is missing.",
    OrderProblem.BAD_REFERENCE: "A client reference has ten digits, and the first is a 6 or a 7.",
    OrderProblem.REFERENCE_LETTER: "There is a letter in the client reference; it has ten digits.",
    OrderProblem.REFERENCE_SHORT: "The client reference has fewer than ten digits.",
    OrderProblem.REFERENCE_LONG: "The client reference has more than ten digits.",
    OrderProblem.ADDRESS_MISSING: "The cardholder's e-mail address is missing.",
    OrderProblem.BAD_ADDRESS: "This is not an e-mail address to which the invitation can go.",
    OrderProblem.ADDRESS_ACCENT: "The address has an accent or another special letter before the @.",
    OrderProblem.ADDRESS_COMMA: "There is a comma in the address.",
    OrderProblem.ADDRESS_SPACE: "There is a space in the address.",
    OrderProblem.SEVERAL_ADDRESSES: "There is more than one @; the invitation goes to one address.",
    OrderProblem.BAD_LANGUAGE: f"The language must be one of {', '.join(LANGUAGES)}.",
    OrderProblem.IBAN_MISSING: "This bank needs the IBAN of the card's account (--iban).",
    OrderProblem.IBAN_NOT_NEEDED: "This bank takes no IBAN; leave --iban out.",
    OrderProblem.BAD_IBAN: "This is not an IBAN: its length or its check digits are wrong.",
    OrderProblem.IBAN_LETTER: "There is a letter among the digits of the IBAN.",
    OrderProblem.IBAN_LENGTH: "The IBAN is too short or too long; a Belgian one has BE and 14 digits.",
    OrderProblem.OLD_ACCOUNT_NUMBER: "This is an old account number; the IBAN begins with BE.",
    OrderProblem.IBAN_OF_OTHER_BANK: "This IBAN is of no bank whose own app activates.",
    OrderProblem.ALREADY_ORDERED: "The office already has a request for this client reference.",
    OrderProblem.UNKNOWN_ACTIVATION: "There is no activation with this id.",
    OrderProblem.NOT_IN_THIS_STATE: "The activation is in a state that does not allow this.",
    OrderProblem.NO_LINK: "This bank's cardholders activate in its own app; there is no link.",
    OrderProblem.NO_ADDRESS: "The cardholder's address was erased; relaunch with a new one.",
    OrderProblem.CHANGED_MEANWHILE: "The request has changed meanwhile; look at it again.",
    OrderProblem.SENT_TOO_OFTEN: "This address was sent as many invitations as one day allows.",
    OrderProblem.NO_REMINDER_LEFT: "No reminder is planned any more.",
    OrderProblem.REMINDED_TOO_SOON: "The last e-mail to the cardholder left less than a day ago.",
    OrderProblem.CORRECTED_TOO_OFTEN: "The address was entered as often as one day allows.",
    OrderProblem.OFFICE_CORRECTED_TOO_OFTEN: "The office corrected as many addresses as one hour allows.",
    OrderProblem.NOT_ALLOWED: "The accountant may not do this any more.",
}


_REFUSALS: Mapping[type[Exception], str] = {
    AccountantExists: "This address is an accountant's already.",
    InvalidEmailAddress: "This is not an e-mail address to which mails can go.",
    InvalidTelephone: (
        "This is not a Belgian telephone number, as in 02 012 34 56, or one that costs extra (090)."
    ),
    UnknownAccountant: "There is no such accountant.",
    UnknownOffice: "There is no such office.",
}

#: What a database says of tables and columns that are not there, on either engine.
_NO_SCHEMA = re.compile(r"no such (?:table|column)|(?:relation|column) .* does not exist")


class CommandRefused(click.ClickException):
    """A command that is refused: exit code 2."""

    exit_code = 2


class PlainGroup(click.Group):
    """A group whose commands end in a sentence, whatever stops them."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; turn what the use cases refuse into the command line's own words."""
        try:
            return super().invoke(ctx)
        except ActionRefused as refused:
            raise CommandRefused(_problem_sentence(refused)) from None
        except InvalidFile as bad:
            lines = "\n".join(f"  {_tell_file_fault(fault)}" for fault in bad.faults)
            raise CommandRefused(f"Nothing was imported.\n{lines}") from None
        except tuple(_REFUSALS) as refused:
            raise CommandRefused(_REFUSALS[type(refused)]) from None
        except DBAPIError as error:
            raise click.ClickException(tell_database_error(error)) from None
        except BrokenPipeError:
            raise
        except OSError as error:
            raise click.ClickException(tell_system_error(error)) from None


def tell_database_error(error: DBAPIError) -> str:
    """Return the cause in one sentence; what the statement was about is in none of these."""
    if _NO_SCHEMA.search(str(error.orig)):
        return "The database lacks what this version expects; run 'caro migrate'."
    if isinstance(error, OperationalError):
        return f"The database does not answer: {read_cause(error)}"
    return f"The database refused ({read_cause(error)})."


def tell_system_error(error: OSError) -> str:
    """Return what the system refused, and where."""
    return ": ".join(filter(None, (error.strerror or type(error).__name__, error.filename)))


def _tell_file_fault(fault: FileFault) -> str:
    places = (f"line {fault.line}" if fault.line else "", f"column {fault.column}" if fault.column else "")
    with override_locale(SOURCE):
        return ": ".join(filter(None, (", ".join(filter(None, places)), tell_fault(fault))))


def bank_keys() -> str:
    """Return the banks as the command line names them."""
    return ", ".join(BANKS)


def _problem_sentence(refused: ActionRefused) -> str:
    sentence = SENTENCES[refused.problem]
    if refused.opens_at:
        return f"{sentence} It is possible again from {refused.opens_at:%Y-%m-%d %H:%M} UTC."
    return f"{sentence} It is {refused.existing}." if refused.existing else sentence
