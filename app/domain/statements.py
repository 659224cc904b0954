"""From when on the accountant receives statements."""

from datetime import date


def first_statement_month(activated_on: date) -> date:
    """Return the first day of the month after the activation (seed: from the following month on)."""
    return date(activated_on.year + activated_on.month // 12, activated_on.month % 12 + 1, 1)
