"""Compile the catalogues whenever the package is built or installed, from whatever tool."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogueHook(BuildHookInterface[Any]):
    """Compiled catalogues lie beside their sources, where git ignores them, and go into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile each catalogue; an editable installation reads it where it lies."""
        root = Path(self.root)
        for source in sorted(root.glob("translations/*/LC_MESSAGES/messages.po")):
            compiled = source.with_suffix(".mo")
            _compile_catalogue(source, compiled)
            if self.target_name == "wheel" and version != "editable":
                build_data["force_include"][str(compiled)] = f"app/_data/{compiled.relative_to(root)}"


def _compile_catalogue(source: Path, compiled: Path) -> None:
    with source.open("rb") as texts:
        catalogue = read_po(texts, locale=source.parts[-3])
    with compiled.open("wb") as file:
        write_mo(file, catalogue)
