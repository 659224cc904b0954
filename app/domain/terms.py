"""The version of the conditions that is accepted today; older ones stay readable for ever."""

CURRENT_TERMS = "2026-12"
