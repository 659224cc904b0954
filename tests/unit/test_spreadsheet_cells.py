"""A CSV that went through a spreadsheet: nothing in it was run or rewritten, and the import reads it back."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from app.domain.spreadsheet_cells import guard_cell, unguard_cell
from app.domain.typed_text import visible_text
from app.services.dossier_file import clean_code, clean_name


@pytest.mark.parametrize(
    "text", ["=1+1", " =1", "+32", "-Zoë", "@SUM", "＝1", "\t=1", "\r1", "0012", "123456789012", "1-2", "1E5"]
)
def test_what_a_spreadsheet_would_run_or_rewrite_is_guarded(text: str) -> None:
    assert guard_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["", "Acme SA", "'t Hoekje", "C-1", "12", "6123 456 789", "3 Suisses", "A=B", "1er étage", "0"]
)
def test_what_a_spreadsheet_leaves_alone_stays_as_it_is(text: str) -> None:
    assert guard_cell(text) == text
    assert unguard_cell(text) == text


@given(st.one_of(st.text(), st.text(alphabet="'=+-@0123456789E./ \t\r＝")))
def test_a_guarded_cell_is_read_back_as_it_was(text: str) -> None:
    assert unguard_cell(guard_cell(text)) == text


@given(st.text(alphabet="'=+-@019E./ é＝t"))
@example("' 0")
def test_the_import_of_dossiers_reads_back_what_was_exported(text: str) -> None:
    name, code = clean_name(text), clean_code(text)
    # The import takes an apostrophe before a code for a spreadsheet's.
    assume(not code.startswith("'"))

    assert clean_name(guard_cell(visible_text(text))) == visible_text(text)
    assert (clean_name(guard_cell(name)), clean_code(guard_cell(code))) == (name, code)
