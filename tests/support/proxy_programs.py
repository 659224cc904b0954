"""The proxies that the product is tested behind: which are here, and how to get one."""

import os
import shutil

PROXIES = ("nginx", "caddy")
#: Some are where programs lie that only an administrator calls.
PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin"


def find_proxy(name: str) -> str | None:
    """Return where its program is, None where it is not here."""
    return shutil.which(name, path=PATH)


def proxies_under_test(*wanted: str) -> list[str]:
    """Name the proxies to test with, all unless told otherwise: in CI each, elsewhere those that are here."""
    return [name for name in wanted or PROXIES if os.environ.get("CI") == "true" or find_proxy(name)]


def missing_proxy(name: str) -> str:
    """Say what to do where there is no such proxy."""
    return f"there is no {name} here; 'make proxies' installs it on Debian."
