"""The settings that stand in the conditions: who runs the service, and the version of their text."""

from datetime import date
from typing import Annotated, Self

from email_validator import validate_email
from pydantic import AfterValidator, Field, model_validator

from app.domain.terms import NEWEST_VERSION
from app.secret_files import SettingsWithSecretFiles


def _check_particular(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be one line of text")
    return text.strip()


def _check_contact(text: str) -> str:
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except ValueError:
        raise ValueError("must be an address like privacy@example.be") from None


def _check_version(version: str) -> str:
    try:
        known = date.fromisoformat(version).isoformat() == version
    except ValueError:
        known = False
    if not known:
        raise ValueError(f"must be the date of the conditions, like {NEWEST_VERSION}")
    return version


OptionalParticular = Annotated[str, AfterValidator(_check_particular)]
Particular = Annotated[OptionalParticular, Field(min_length=1)]
Contact = Annotated[str, AfterValidator(_check_contact)]
TermsVersion = Annotated[str, AfterValidator(_check_version)]


class OperatorSettings(SettingsWithSecretFiles):
    """The operator's particulars; the defaults are made up, and refused in production."""

    production: bool = False
    terms_version: TermsVersion = NEWEST_VERSION
    operator_company: Particular = "Exemple CARO SA"
    operator_enterprise_number: Particular = "0123.456.749"
    operator_address: Particular = "Rue de l'Exemple 1, 1000 Bruxelles"
    #: Empty where the company itself is the controller.
    operator_controller: OptionalParticular = ""
    operator_contact: Contact = "privacy@example.be"

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if conflicts := self.find_conflicts():
            raise ValueError("; ".join(conflicts))
        return self

    def find_conflicts(self) -> list[str]:
        """Say what does not go together of what is right by itself."""
        required = {f"operator_{name}" for name in ("company", "enterprise_number", "address", "contact")}
        if not self.production or not (missing := sorted(required - self.model_fields_set)):
            return []
        names = ", ".join(f"CARO_{name}".upper() for name in missing)
        return [f"{names} must be set in production: the conditions say who runs the service"]
