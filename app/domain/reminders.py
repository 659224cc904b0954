"""When the three reminders of a round go out (seed: up to three, each two weeks after the last)."""

from datetime import timedelta

SCHEDULE = (timedelta(days=14), timedelta(days=28), timedelta(days=42))
