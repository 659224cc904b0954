"""What a preview is about: all of it stands in the address, and nothing is kept anywhere."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import abort, g, url_for

from app.activations import ActionRefused
from app.domain.banks import BANKS, SAMPLE_BANKS, ActivationRoute, Bank
from app.domain.identifiers import parse_client_reference
from app.i18n import LANGUAGES
from app.portal.door import office_services
from app.portal.preview.scenes import SCENES
from app.web.extensions import services

#: Stands for a dossier where an office has none yet; no row has this number.
SAMPLE_DOSSIER = 0
SAMPLE_CODE, SAMPLE_NAME = "ACME", "Acme SA"
SAMPLE_REFERENCE = "6123456789"
SAMPLE_BANK = SAMPLE_BANKS[ActivationRoute.LINK]


@dataclass(frozen=True)
class PreviewSubject:
    """One dossier, bank and reference, seen in one language."""

    dossier_id: int = SAMPLE_DOSSIER
    bank_key: str = SAMPLE_BANK
    reference: str = SAMPLE_REFERENCE
    language: str = "fr"

    @property
    def bank(self) -> Bank:
        """The bank whose cardholder looks at the pages."""
        return BANKS[self.bank_key]

    @property
    def url_values(self) -> dict[str, Any]:
        """What the address of each page says."""
        return {
            "dossier_id": self.dossier_id,
            "bank": self.bank_key,
            "reference": self.reference,
            "language": self.language,
        }

    @property
    def dossier_title(self) -> tuple[str, str]:
        """The code and the name of the dossier; another office's does not exist."""
        if self.dossier_id == SAMPLE_DOSSIER:
            return SAMPLE_CODE, SAMPLE_NAME
        try:
            offer = office_services().read_order_options(self.dossier_id)
        except ActionRefused:
            abort(404)
        return offer.code, offer.name

    def page_url(self, key: str) -> str:
        """Return the address of a scene."""
        scene = SCENES[key]
        where = {"kind": scene.mail} if scene.mail else {"public_id": key}
        wanted = where if scene.mail or scene.page.startswith("wizard.") else {}
        return url_for(f"preview.{scene.page}", **self.url_values, **wanted)


def sample_subject(key: str, language: str) -> PreviewSubject:
    """Return a stage on which a scene can be looked at, whatever the office has."""
    return PreviewSubject(bank_key=SAMPLE_BANKS[SCENES[key].route or ActivationRoute.LINK], language=language)


def is_valid_subject(stage: PreviewSubject) -> bool:
    """Tell whether an address speaks of what there is; the dossier is looked up elsewhere."""
    return (
        stage.bank_key in BANKS
        and stage.language in LANGUAGES
        and parse_client_reference(stage.reference) == stage.reference
    )


def current_subject() -> PreviewSubject:
    """Return the stage of the page that is being made."""
    return cast("PreviewSubject", g.stage)


def preview_now() -> datetime:
    """Return the moment at which everything on the stage happens."""
    return services().clock()
