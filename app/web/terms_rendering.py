"""The texts of the conditions: today's wording with the operator's particulars, and the one of before."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound

from app.domain.terms import FIRST_VERSION, NEWEST_VERSION, Operator, Terms
from app.i18n import LANGUAGES

TERMS = Path(__file__).resolve().parent.parent / "templates" / "terms"


class MissingTerms(SystemExit):
    """A language has no conditions; one line that names the file."""

    def __init__(self, file: str) -> None:
        super().__init__(f"caro: will not start: the conditions {file} are missing")


@cache
def render_terms(version: str, operator: Operator, folder: Path = TERMS) -> tuple[Terms, ...]:
    """Return today's conditions under the operator's version, and the first ones; raise MissingTerms."""
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    try:
        return tuple(
            Terms(
                name, language, environment.get_template(f"{wording}/{language}.html").render(vars(operator))
            )
            for name, wording in ((version, NEWEST_VERSION), (FIRST_VERSION, FIRST_VERSION))
            for language in LANGUAGES
        )
    except TemplateNotFound as missing:
        raise MissingTerms(str(missing.name)) from None
