"""Where accountants sit: at a desk, with a phone in the train, behind a browser that runs no script."""

from typing import Any

import pytest

#: Screens of desks can be touched too, so that pages are used in one way.
DESK: dict[str, Any] = {
    "viewport": {"width": 1280, "height": 900},
    "device_scale_factor": 1,
    "is_mobile": False,
}
SEATS: dict[str, dict[str, Any]] = {
    "desk": DESK,
    "phone": {},
    "scriptless": DESK | {"java_script_enabled": False},
}

#: For stories that everybody must be able to live through.
everywhere = pytest.mark.parametrize("seat", SEATS, indirect=True)
with_and_without_script = pytest.mark.parametrize("seat", ["desk", "scriptless"], indirect=True)
