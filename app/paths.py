"""Where the product's own files are, and where it keeps its data."""

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_WITHIN = PACKAGE / "_data"
IS_INSTALLED = _WITHIN.is_dir()
#: What is no module of the package: beside it in a checkout, within it where a wheel is installed.
ROOT = _WITHIN if IS_INSTALLED else PACKAGE.parent
STATIC = ROOT / "static"
MIGRATIONS = ROOT / "migrations"
CATALOGUES = ROOT / "translations"
SAMPLE_DOSSIERS = ROOT / "docs" / "sample-dossiers.csv"
API_CONTRACT = ROOT / "docs" / "openapi.json"
#: What names another folder than this one.
INSTANCE_VARIABLE = "CARO_INSTANCE"
# A package manager owns the folder of an installation, and removes it with an update.
_INSTANCE = Path("instance") if IS_INSTALLED else ROOT / "instance"


def instance_folder() -> Path:
    """Return the folder of `caro.env` and, where no setting says otherwise, of the database and the mails."""
    return Path(os.environ.get(INSTANCE_VARIABLE) or _INSTANCE).absolute()
