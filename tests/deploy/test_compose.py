"""The compose file names nothing that is not there, and shuts in what runs the product."""

import re

import pytest

from app.paths import ROOT

COMPOSE = ROOT / "deploy" / "container" / "compose.yml"
TEXT = COMPOSE.read_text()
SECTIONS = dict(re.findall(r"^([\w-]+):[^\n]*\n((?:^(?: .*|#.*)?\n)+)", TEXT, re.MULTILINE))


def blocks(section: str) -> dict[str, str]:
    """Return what stands under each name of a section."""
    parts = re.split(r"^  ([\w-]+):", SECTIONS[section], flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def listed(key: str) -> set[str]:
    """Return every item of the lists in brackets behind a key."""
    lists = re.findall(rf"^ +{key}: \[(.*)\]$", TEXT, re.MULTILINE)
    return {item.strip() for line in lists for item in line.split(",")}


def test_every_name_leads_somewhere() -> None:
    waited_for = set(re.findall(r"^      (\w+): \{condition", TEXT, re.MULTILINE))
    mounted = {*listed("volumes"), *re.findall(r"^ +- (\S+:/\S+)$", TEXT, re.MULTILINE)}
    sources = {mount.partition(":")[0] for mount in mounted}
    assert waited_for == {"migrate", "web", "database", "rates"}
    assert waited_for <= set(blocks("services"))
    assert listed("networks") == set(blocks("networks"))
    assert listed("secrets") == set(blocks("secrets"))
    assert {source for source in sources if "/" not in source} == set(blocks("volumes"))
    assert set(re.findall(r"/run/secrets/(\w+)", TEXT)) == set(blocks("secrets"))


@pytest.mark.parametrize("path", re.findall(r"(?<![\w/])\.\./[\w./]+", TEXT))
def test_every_file_is_there(path: str) -> None:
    assert (COMPOSE.parent / path.rstrip(".")).exists()


def test_what_the_image_is_built_from_is_there() -> None:
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    copied = re.findall(r"^COPY (\S+)", (COMPOSE.parent / "Containerfile").read_text(), re.MULTILINE)
    assert [name for name in (*kept, *copied) if not (ROOT / name).exists()] == ["--from=build"]


def test_the_product_is_shut_in() -> None:
    for key in ("read_only: true", "cap_drop: [ALL]", "no-new-privileges:true", "init: true"):
        assert key in SECTIONS["x-caro"]
    ours = [text for text in blocks("services").values() if "<<: *caro" in text]
    assert len(ours) == 3
    assert [text for text in ours if "cap_add" in text or "privileged" in text] == []


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert [name for name, text in blocks("services").items() if "ports:" in text] == ["proxy"]
