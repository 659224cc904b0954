"""The product as an installation has it: built, and put into an environment that holds nothing else."""

import json
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any
from venv import EnvBuilder

from packaging.requirements import Requirement

from app.cli.listening_ports import free_port
from app.paths import ROOT

_SOURCES = ("app", "migrations", "static", "translations")
_FILES = (
    *("LICENSE", "README.md", "docs/openapi.json", "docs/sample-dossiers.csv"),
    *("hatch_build.py", "pyproject.toml", "wsgi.py"),
)


@dataclass(frozen=True)
class Installation:
    """An environment with the product, and an empty folder in which its commands are typed."""

    environment: Path
    folder: Path

    @property
    def packages(self) -> Path:
        """Where the environment has its packages."""
        places = {"base": str(self.environment), "platbase": str(self.environment)}
        return Path(sysconfig.get_path("purelib", "venv", places))

    def command(self, *words: str) -> tuple[str, ...]:
        """Return what runs a program of the environment."""
        return (str(self.environment / "bin" / words[0]), *words[1:])

    def run(self, *words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        """Run a program of the environment with these settings alone."""
        return subprocess.run(
            self.command(*words), cwd=self.folder, env=settings, capture_output=True, text=True, check=False
        )

    @contextmanager
    def demo(self, **settings: str) -> Iterator[Mapping[str, Any]]:
        """Run `caro demo` with these settings alone, and tell what its terminal shows."""
        words = self.command("caro", "demo", "--port", str(free_port()), "--bank-port", str(free_port()))
        with subprocess.Popen(
            words, cwd=self.folder, env=settings, stdout=subprocess.PIPE, text=True
        ) as running:
            assert running.stdout
            try:
                shown = any("Ctrl-C" in line for line in running.stdout)
                assert shown
                yield json.loads((self.folder / "instance" / "demo" / "demo.json").read_text())
            finally:
                running.terminate()


def copy_sources(folder: Path) -> Path:
    """Copy what a package is built from, as a fresh checkout has it: nothing is compiled."""
    for name in _SOURCES:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.mo", "__pycache__"))
    for name in _FILES:
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


def build_wheel(folder: Path) -> Path:
    """Build the wheel from a copy of the sources; the builder is in the environment of the tests."""
    sources = copy_sources(folder / "sources")
    command = (sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder))
    subprocess.run(command, cwd=sources, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(folder: Path, *package: str, builders: Iterable[str] = ()) -> Installation:
    """Install a package into an environment that has what it asks for, and nothing else.

    What it asks for is taken from the environment of the tests: nothing is loaded from anywhere.
    """
    made = Installation(folder / "environment", folder / "elsewhere")
    made.folder.mkdir(parents=True)
    EnvBuilder(symlinks=True).create(made.environment)
    for needed in _closure((*(distribution("caro-activation").requires or ()), *builders)):
        _link_distribution(needed, made.packages)
    pip = (sys.executable, "-m", "pip", "--python", str(made.environment / "bin" / "python"))
    words = ("install", "--no-deps", "--no-index", "--no-build-isolation", *package)
    subprocess.run((*pip, *words), check=True, capture_output=True)
    return made


def _closure(requirements: Iterable[str], extras: Iterable[str] = ()) -> Iterator[Distribution]:
    """Yield what these requirements ask for, down to the last one; some come more than once."""
    for line in requirements:
        required = Requirement(line)
        wanted = [{"extra": extra} for extra in (*extras, "")]
        if required.marker is None or any(map(required.marker.evaluate, wanted)):
            found = distribution(required.name)
            yield found
            yield from _closure(found.requires or (), required.extras)


def _link_distribution(found: Distribution, packages: Path) -> None:
    for name in {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}:
        link = packages / name
        if not link.exists():
            link.symlink_to(Path(str(found.locate_file(name))))
