"""What the welcome page puts before the cardholder, and the evidence of having agreed to it."""

import hashlib

from app.activations import ActivationView, ConsentEvidence
from app.domain.identifiers import group_digits_unbroken
from app.i18n import _, override_locale, supported_language
from app.web import terms


def consent_labels(standing: ActivationView) -> tuple[str, str]:
    """Return the two sentences that are ticked, in the language of the page."""
    reference = group_digits_unbroken(standing.client_reference)
    return (
        _(
            "I confirm that the client reference %(reference)s is mine.",
            reference=reference,
        ),
        _("I have read the conditions and I accept them."),
    )


def labels_sha256(standing: ActivationView) -> str:
    """Return the SHA-256 of the two sentences, in hexadecimal and in the language of the page."""
    return hashlib.sha256("\n".join(consent_labels(standing)).encode()).hexdigest()


def consent_evidence(
    standing: ActivationView, version: str, language: str, labels_seen: str
) -> ConsentEvidence | None:
    """Return the evidence, or None where the page showed other conditions or sentences than today's."""
    if version != terms.CURRENT or supported_language(language) is None:
        return None
    with override_locale(language):
        if labels_seen != labels_sha256(standing):
            return None
    return ConsentEvidence(
        terms_version=version,
        language=language,
        terms_sha256=terms.terms_sha256(language),
        labels_sha256=labels_seen,
    )
