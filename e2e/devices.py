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
VIEWPORTS: Mapping[str, dict[str, Any]] = {"phone": PHONE, "desktop": DESK}

#: Where accountants sit; the phone is the cardholder's.
SEATS: Mapping[str, dict[str, Any]] = {
    "desk": DESK,
    "phone": {},
    "scriptless": DESK | SCRIPTLESS,
}

#: What Firefox knows nothing of.
_TOUCHED = ("is_mobile", "has_touch")
_SIZE = re.compile(r"([1-9]\d{1,4})x([1-9]\d{1,4})")

#: For stories that everybody must be able to live through.
everywhere = pytest.mark.parametrize("seat", SEATS, indirect=True)
with_and_without_script = pytest.mark.parametrize("seat", ["desk", "scriptless"], indirect=True)


def viewport(name: str) -> dict[str, Any]:
    """Return the device of this name, or a phone of this size; raise ValueError where it is neither."""
    if name in VIEWPORTS:
        return VIEWPORTS[name]
    size = _SIZE.fullmatch(name)
    if not size:
        raise ValueError(f"{name} is neither one of {', '.join(VIEWPORTS)} nor a size like 320x640")
    return PHONE | {"viewport": {"width": int(size[1]), "height": int(size[2])}}


def runs_no_script(device: dict[str, Any]) -> bool:
    """Tell whether this is somebody whose browser runs no script."""
    return SCRIPTLESS.items() <= device.items()


def context_args(device: dict[str, Any], engine: str, language: str) -> dict[str, Any]:
    """Return how a browser is started that is such a device, held by somebody in Brussels."""
    known = {name: value for name, value in device.items() if engine != "firefox" or name not in _TOUCHED}
    return {**known, "locale": f"{language}-BE", "timezone_id": "Europe/Brussels"}
