"""The faults that are put into the product: each is one, and those that may stay are still there."""

import ast
from pathlib import Path

import pytest

from tests.mutants.__main__ import all_mutants, read_accepted
from tests.mutants.mutations import ROOT, find_mutants

SOURCE = '''"""What it is for."""
import json
TABLE = {"key": 1, True: None}
def rule(one: "int", other=2) -> "str":
    if one < other and not json.dumps(one, indent=4):
        raise ValueError("unread")
    print(one)
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
        "print(one) -> pass",
        "one if one in TABLE else None -> None if one in TABLE else one",
        "return one if one in TABLE else None -> return None",
    } < changes


def test_what_no_program_runs_is_no_place_for_a_fault(changes: set[str]) -> None:
    assert not [change for change in changes if "unread" in change or "for." in change or "'int'" in change]


def test_each_fault_is_a_program_of_its_own() -> None:
    path = ROOT / "app" / "domain" / "caps.py"
    sound = ast.dump(ast.parse(path.read_text()))
    faulty = [ast.dump(mutant.tree()) for mutant in find_mutants(path)]
    assert sound not in faulty
    assert len(set(faulty)) == len(faulty) > 10


def test_what_may_stay_is_there_and_says_why() -> None:
    accepted = read_accepted()
    assert accepted.keys() <= {mutant.name for mutant in all_mutants()}
    assert all(accepted.values())
