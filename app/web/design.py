"""The living page of the design system: each component in each state, by the product's macros and classes.

It exists outside production only. Its sentences are the product's own and speak four languages; the names
of the components are for those who build it, and stay English.
"""

from collections.abc import Mapping
from types import SimpleNamespace

from flask import Blueprint, abort, render_template, url_for

from app.domain.states import StatusLabel
from app.wording import LABELS

design = Blueprint("design", __name__, url_prefix="/design")

SKINS = ("site", "portal")

#: How a funnel could look: name and filter, how many, and their share in percent.
_STAGES: tuple[tuple[StatusLabel, str, int], ...] = (
    (StatusLabel.INVITATION_SENT, "312", 31),
    (StatusLabel.ACTIVE, "1000+", 62),
    (StatusLabel.PROBLEM, "0", 0),
)


@design.get("", defaults={"skin": "site"})
@design.get("/<skin>")
def show_design(skin: str) -> str:
    """Show everything in one skin; the bank shows its own."""
    if skin not in SKINS:
        abort(404)
    return render_template("design/page.html", skin=skin, skins=SKINS, **_design_samples(skin))


def _design_samples(skin: str) -> Mapping[str, object]:
    here = url_for("design.show_design", skin=skin)
    return {
        "labels": LABELS,
        "filters": dict.fromkeys(LABELS, "12"),
        "wanted": SimpleNamespace(label=StatusLabel.PROBLEM),
        "address": lambda **_changes: here,
        "stages": [
            SimpleNamespace(label=label, name=LABELS[label], count=count, share=share)
            for label, count, share in _STAGES
        ],
    }
