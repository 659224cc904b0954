"""What is heard on the pages is compared line by line with what was kept."""

import pytest

from e2e.album.heard import DOORS, FOLDER, HeardPages, read_kept


@pytest.fixture
def heard() -> HeardPages:
    """The same as was kept."""
    return HeardPages({"error": dict(read_kept("error"))})


def test_each_door_is_kept() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == DOORS


def test_nothing_differs_where_all_is_heard_as_before(heard: HeardPages) -> None:
    assert [*heard.differences()] == []


def test_lines_that_differ_are_told_with_their_page(heard: HeardPages) -> None:
    name, text = next(iter(heard.doors["error"].items()))
    first = text.splitlines()[0]
    heard.doors["error"][name] = text.replace(first, "  - heading", 1)
    [told] = heard.differences()
    assert told.splitlines()[0] == f"error, {name}:"
    assert {f"-{first}", "+  - heading"} < {*told.splitlines()}
    assert len(told.splitlines()) < 6


def test_page_that_is_new_and_page_that_is_gone_are_told(heard: HeardPages) -> None:
    pages = heard.doors["error"]
    gone = next(iter(pages))
    pages["a new one"] = pages.pop(gone)
    assert [told.splitlines()[0] for told in heard.differences()] == [
        "error, a new one:",
        f"error, {gone}:",
    ]
