"""Ordering: bank, form, review, order, and the announcement to copy."""
