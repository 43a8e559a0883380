"""Visits under fire, in small: the whole campaign is `python -m benchmarks.money.campaign`."""

import pytest

from benchmarks.money.campaign import run

SHAPE = {"visits": 60, "rate_hz": 6.0, "seed": 5}


def check(done):
    assert done.findings.wrong == []
    assert done.kills >= 1, "nothing was killed, so nothing was shown"
    assert done.findings.counts["paid"] > 20
    assert done.findings.money["taken"] > 0


@pytest.mark.timeout(400)
def test_charged_is_owed_whatever_is_killed(tmp_path):
    check(run(tmp_path, **SHAPE))


@pytest.mark.timeout(400)
def test_charged_is_owed_while_the_database_server_falls_over(tmp_path, postgres):
    def fall_over():
        postgres.stop(how="immediate")
        postgres.start()

    url = postgres.url(postgres.new_database())
    done = run(tmp_path, **SHAPE, database=url, restart_server=fall_over)
    check(done)
    assert done.server_restarts >= 1
