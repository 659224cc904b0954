"""The faults that are put into the product: each is one, and those that may stay are still there."""

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.domain.caps import next_allowed_at
from tests.mutants.__main__ import all_mutants, read_accepted
from tests.mutants.loaded_trials import exchange_code, functions_by_code
from tests.mutants.mutations import ROOT, find_mutants
from tests.mutants.name_readers import NameReaders

SOURCE = '''"""What it is for."""
import json
TABLE = {"key": 1, True: None}
def rule(one: "int", other=2) -> "str":
    if one < other and not json.dumps(one, indent=4):
        raise ValueError("unread")
    print(_("unread"))
    return one if one in TABLE else None
'''


@pytest.fixture
def changes(tmp_path: Path) -> set[str]:
    file = tmp_path / "rule.py"
    file.write_text(SOURCE)
    return {mutant.change for mutant in find_mutants(file, tmp_path)}


def test_each_kind_of_fault_is_found(changes: set[str]) -> None:
    assert {
        "'key' -> 'keyx'",
        "True -> False",
        "2 -> 3",
        "one < other -> one <= other",
        "one < other and (not json.dumps(one, indent=4)) -> one < other or not json.dumps(one, indent=4)",
        "not json.dumps(one, indent=4) -> json.dumps(one, indent=4)",
        "json.dumps(one, indent=4) -> json.dumps(one)",
        "print(_('unread')) -> pass",
        "one if one in TABLE else None -> None if one in TABLE else one",
        "return one if one in TABLE else None -> return None",
    } < changes


def test_what_no_program_runs_is_no_place_for_a_fault(changes: set[str]) -> None:
    assert not [change for change in changes if "unreadx" in change or "for." in change or "'int'" in change]


def test_each_fault_is_a_program_of_its_own() -> None:
    path = ROOT / "app" / "domain" / "caps.py"
    sound = ast.dump(ast.parse(path.read_text()))
    faulty = [ast.dump(mutant.tree()) for mutant in find_mutants(path)]
    assert sound not in faulty
    assert len(set(faulty)) == len(faulty) > 10


def test_a_row_of_a_table_is_asked_of_whoever_reads_the_table() -> None:
    path = ROOT / "app" / "domain" / "mail_rules.py"
    row = path.read_text()[: path.read_text().index("MailKind.SIGN_IN:")].count("\n") + 1
    places = NameReaders((ROOT / "app").rglob("*.py"), lambda path, line: False).of_names(
        path, range(row, row + 1)
    )
    assert places.keys() == {"SIGN_IN", "MAILS"}
    assert ROOT / "app" / "mail" / "outbox.py" in {file for file, _ in places["MAILS"]}


def test_what_runs_while_a_module_is_loaded_is_asked_of_whoever_reads_what_it_makes() -> None:
    path = ROOT / "app" / "domain" / "verdicts.py"
    line = path.read_text()[: path.read_text().index("if len(answers) > 1")].count("\n") + 1
    readers = NameReaders((ROOT / "app").rglob("*.py"), lambda user, _line: user == path)
    places = readers.of_names(path, range(line, line + 1))["_frequency_of"]
    assert ROOT / "app" / "portal" / "toolkit" / "routes.py" in {file for file, _ in places}


def test_a_function_that_is_loaded_already_gets_its_fault() -> None:
    sound, now = next_allowed_at.__code__, datetime(2026, 11, 23, tzinfo=UTC)
    faults = find_mutants(ROOT / "app" / "domain" / "caps.py")
    fault = next(one for one in faults if one.change == "lately[-cap] + within -> lately[-cap] - within")
    try:
        assert exchange_code(fault, functions_by_code())
        assert next_allowed_at([now], 1, timedelta(days=1), now) == now - timedelta(days=1)
    finally:
        next_allowed_at.__code__ = sound
    assert next_allowed_at([now], 1, timedelta(days=1), now) == now + timedelta(days=1)


def test_what_may_stay_is_there_and_says_why() -> None:
    accepted = read_accepted()
    assert accepted.keys() <= {mutant.name for mutant in all_mutants()}
    assert all(accepted.values())
