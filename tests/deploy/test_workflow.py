"""The workflow runs what there is, may do little, and runs no action that can change under its name."""

import re

from app.paths import ROOT

WORKFLOW = (ROOT / ".github" / "workflows" / "check.yml").read_text()
TARGETS = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_actions_are_named_by_their_commit() -> None:
    actions = re.findall(r"uses: (.+)", WORKFLOW)
    assert actions
    assert [action for action in actions if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[\d.]+", action)] == []


def test_it_runs_commands_that_there_are() -> None:
    assert set(re.findall(r"\bmake ([\w-]+)", WORKFLOW)) <= TARGETS
    assert set(re.findall(r"requirements/\w+\.txt", WORKFLOW)) == {"requirements/run.txt"}


def test_it_may_only_read() -> None:
    assert "\npermissions: {}\n" in WORKFLOW
    assert set(re.findall(r"^      ([\w-]+): (?:read|write)$", WORKFLOW, re.MULTILINE)) == {"contents"}
    assert ": write" not in WORKFLOW
    assert WORKFLOW.count("persist-credentials: false") == WORKFLOW.count("uses: actions/checkout@")
