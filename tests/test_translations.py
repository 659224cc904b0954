"""The catalogues: fresh, complete, with the same placeholders, and in French exact where it must be."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

from app.i18n import TRANSLATED

ROOT = Path(__file__).resolve().parent.parent
PLACEHOLDER = re.compile(r"%(?:\((\w+)\)[a-z]|%|.)", re.DOTALL)

#: The sentences that the service itself shows in French, letter for letter, the slip "lié" included.
EXACT_FRENCH = {
    "Your CARO credit card is not linked to %(reference)s. Try again with the right credit card.": (
        "Votre carte de crédit CARO n'est pas lié à %(reference)s. Réessayez avec la bonne carte de crédit."
    ),
    "A problem during activation. Check your card.": (
        "Un problème lors de l'activation. Contrôlez votre carte."
    ),
    "Something went wrong.": "Une erreur s'est produite.",
    "Technical or data error during the activation of CodaBox CARO": (
        "Erreur de technique ou de données lors de l'activation de CARO de CodaBox"
    ),
}


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Extract what the code says now, as `make i18n` does."""
    template = tmp_path_factory.mktemp("i18n") / "messages.pot"
    subprocess.run(("make", "--silent", "pot", f"POT={template}"), cwd=ROOT, check=True)
    return load(template)


@pytest.fixture(scope="module", params=TRANSLATED)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return load(catalogue_path(request.param), request.param)


def catalogue_path(language: str) -> Path:
    return ROOT / "translations" / language / "LC_MESSAGES" / "messages.po"


def load(path: Path, language: str | None = None) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def forms(message: Message) -> tuple[str, ...]:
    """Return what a message is translated to: one text, or one for each plural form."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def originals(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def ids(catalogue: Catalog) -> set[tuple[str | None, tuple[str, ...]]]:
    return {(message.context, originals(message)) for message in messages(catalogue)}


def edges(text: str) -> tuple[bool, bool]:
    return text[:1].isspace(), text[-1:].isspace()


def placeholders(text: str) -> set[str]:
    return {match[0] for match in PLACEHOLDER.finditer(text) if match[1]}


def test_catalogue_has_the_codes_sentences(extracted: Catalog, catalogue: Catalog) -> None:
    assert ids(extracted) - ids(catalogue) == set(), "run 'make i18n' and translate"
    assert ids(catalogue) - ids(extracted) == set(), "run 'make i18n'"


def test_every_sentence_is_translated(catalogue: Catalog) -> None:
    assert [
        message.id
        for message in messages(catalogue)
        if not (forms(message) and all(map(str.strip, forms(message))))
    ] == []


def test_nothing_is_fuzzy_or_obsolete(catalogue: Catalog) -> None:
    assert [message.id for message in messages(catalogue) if message.fuzzy] == []
    assert list(catalogue.obsolete) == []
    assert not catalogue.fuzzy


def test_placeholders_are_the_same(catalogue: Catalog) -> None:
    wrong = [
        (message.id, form)
        for message in messages(catalogue)
        for form in forms(message)
        if placeholders(form) != set().union(*map(placeholders, originals(message)))
    ]
    assert wrong == []


def test_plural_forms_fit_the_language(catalogue: Catalog) -> None:
    rule = get_plural(catalogue.locale or Locale("en"))
    assert (catalogue.num_plurals, catalogue.plural_expr) == (rule.num_plurals, rule.plural_expr)
    counted = [message for message in messages(catalogue) if message.pluralizable]
    assert [message.id for message in counted if len(forms(message)) != rule.num_plurals] == []


def test_spaces_around_sentences_are_kept(catalogue: Catalog) -> None:
    wrong = [
        (message.id, form)
        for message in messages(catalogue)
        for form in forms(message)
        if edges(form) != edges(originals(message)[0])
    ]
    assert wrong == []


def test_placeholders_have_names(extracted: Catalog) -> None:
    anonymous = [
        text
        for message in messages(extracted)
        if message.python_format
        for text in originals(message)
        if any(match[0] != "%%" and not match[1] for match in PLACEHOLDER.finditer(text))
    ]
    assert anonymous == []


@pytest.mark.parametrize("english", EXACT_FRENCH)
def test_french_is_exact(english: str) -> None:
    message = load(catalogue_path("fr"), "fr").get(english)
    assert message is not None
    assert message.string == EXACT_FRENCH[english]


def test_every_catalogue_compiles(tmp_path: Path, catalogue: Catalog) -> None:
    source = catalogue_path(str(catalogue.locale))
    compiled = tmp_path / "messages.mo"
    command = (Path(sys.executable).with_name("pybabel"), "compile", "-i", source, "-o", compiled)
    subprocess.run(command, check=True, capture_output=True)
    assert compiled.stat().st_size > 0
