"""Generated examples are judged by what they show, not by their time; every line of the log is written."""

import pytest
from hypothesis import HealthCheck, settings

from app.logs import configure_logging

settings.register_profile("unit", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unit")


@pytest.fixture(autouse=True, scope="module")
def _every_line() -> None:
    """Write each line, also where a command of another test has silenced what is no error."""
    configure_logging("INFO")
