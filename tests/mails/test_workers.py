"""Several worker processes on one queue: no mail is sent twice, none is left behind."""

import pytest

from tests.bench.mails import measure
from tests.support.databases import engines_under_test

#: `python -m tests.bench.mails --mails 10000` does the same with more.
QUEUE = {"sqlite": 300, "postgresql": 600}


@pytest.mark.parametrize("engine", engines_under_test())
def test_two_workers_deliver_each_mail_exactly_once(engine: str) -> None:
    mails = QUEUE[engine]

    rate = measure(engine, "SMTP", workers=2, mails=mails)

    assert rate.once == rate.arrived == mails
    assert sum(one.mails for one in rate.done) == mails
