"""Audit every page and state in every language; the exit code tells whether anything was found."""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from app.i18n import LANGUAGES
from e2e.album import AlbumSection
from e2e.album.browsers import why_none
from e2e.audit.found import AuditReport
from e2e.audit.report import details, table
from e2e.audit.survey import survey
from e2e.audit.validator import MISSING, is_here


def main() -> int:
    """Walk, print the table, and say what is wrong."""
    parser = argparse.ArgumentParser(prog="make audit", description=__doc__)
    parser.add_argument("--languages", nargs="*", choices=LANGUAGES, default=[*LANGUAGES])
    parser.add_argument(
        "--doors", nargs="*", type=AlbumSection, choices=[*AlbumSection], default=[*AlbumSection]
    )
    parser.add_argument("--jobs", type=int, default=2, help="languages that are walked at once")
    options = parser.parse_args()
    missing = why_none() if is_here() else MISSING
    if missing:
        print(missing, file=sys.stderr)
        return 1
    sheets = _surveyed(options.languages, frozenset(options.doors), options.jobs)
    print("\n".join(table(sheets)))
    found = [*details(sheets)]
    print(
        "\n".join(["", f"{len(found)} different findings:", *found] if found else ["", "Nothing was found."])
    )
    return 1 if found else 0


def _surveyed(languages: Sequence[str], doors: frozenset[AlbumSection], jobs: int) -> Sequence[AuditReport]:
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        walks = [pool.submit(survey, language, doors) for language in languages]
        return [sheet for walk in walks for sheet in walk.result()]


if __name__ == "__main__":
    sys.exit(main())
