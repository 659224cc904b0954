"""What people hold in their hands or sit at: a phone, a desk, a browser that runs no script."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

#: A phone of the usual size, and a desk whose screen can be touched too, so that pages are used in one way.
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
DESK: dict[str, Any] = {
    "viewport": {"width": 1280, "height": 900},
    "device_scale_factor": 1,
    "has_touch": True,
    "is_mobile": False,
}
SCRIPTLESS: dict[str, Any] = {"java_script_enabled": False}
DEVICES: Mapping[str, dict[str, Any]] = {"phone": PHONE, "desktop": DESK}

#: Where accountants sit; on a phone it is the one that was chosen.
SEATS: Mapping[str, dict[str, Any] | None] = {
    "desk": DESK,
    "phone": None,
    "scriptless": DESK | SCRIPTLESS,
}

#: What Firefox knows nothing of.
_TOUCHED = ("is_mobile", "has_touch")
_SIZE = re.compile(r"([1-9]\d{1,4})x([1-9]\d{1,4})")

#: For stories that everybody must be able to live through.
everywhere = pytest.mark.parametrize("seat", SEATS, indirect=True)
with_and_without_script = pytest.mark.parametrize("seat", ["desk", "scriptless"], indirect=True)


def own_device(name: str) -> dict[str, Any] | None:
    """Return our device of this name, or a phone of this size; None where it is neither."""
    if name in DEVICES:
        return DEVICES[name]
    size = _SIZE.fullmatch(name)
    return PHONE | {"viewport": {"width": int(size[1]), "height": int(size[2])}} if size else None


def runs_no_script(device: dict[str, Any]) -> bool:
    """Tell whether this is somebody whose browser runs no script."""
    return SCRIPTLESS.items() <= device.items()


def context_args(device: dict[str, Any], engine: str, language: str) -> dict[str, Any]:
    """Return how a browser is started that is such a device, held by somebody in Brussels."""
    known = {name: value for name, value in device.items() if engine != "firefox" or name not in _TOUCHED}
    return {**known, "locale": f"{language}-BE", "timezone_id": "Europe/Brussels"}
