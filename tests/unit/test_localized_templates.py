"""A template is compiled once for each language, and says the same as if its sentences were looked up."""

from collections.abc import Iterator

import pytest
from flask import Flask, render_template
from jinja2 import DictLoader

from app.i18n import override_locale
from app.localized_templates import init_app

TEMPLATES = {
    "plain.html": "{{ current_language() }}: {{ _('Card number') }}",
    "filled.html": "{{ _('Error: %(title)s', title=title) }}",
    "chosen.html": "{{ _(sentence) }}",
    "included.html": "{% include name %}",
    "filled.txt": "{{ _('Error: %(title)s', title=title) }}",
}

pytestmark = pytest.mark.usefixtures("speaking_app")


@pytest.fixture
def speaking_app() -> Iterator[None]:
    app = Flask("app")
    init_app(app)
    app.jinja_env.loader = DictLoader(TEMPLATES)
    with app.app_context():
        yield


def drawn(language: str, template: str, **words: str) -> str:
    with override_locale(language):
        return render_template(template, **words)


def test_a_template_speaks_the_language_of_each_request() -> None:
    pages = [drawn(language, "plain.html") for language in ("fr", "en", "fr")]
    assert pages == ["fr: Numéro de carte", "en: Card number", "fr: Numéro de carte"]


def test_it_escapes_what_fills_a_sentence() -> None:
    assert drawn("en", "filled.html", title="<i>") == "Error: &lt;i&gt;"
    assert drawn("en", "filled.txt", title="<i>") == "Error: <i>"


def test_it_looks_up_a_sentence_that_is_known_later() -> None:
    assert drawn("fr", "chosen.html", sentence="Card number") == "Numéro de carte"
    assert drawn("fr", "chosen.html", sentence="Expiry date") == "Date d'expiration"


def test_it_includes_another_in_the_same_language() -> None:
    assert drawn("nl", "included.html", name="plain.html") == "nl: Kaartnummer"
