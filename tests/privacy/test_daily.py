import threading
from collections import Counter

from store_engine.errors import RecordsError
from store_engine.office.retention import Daily


class Counting:
    """A retention that fails as often as it is told to."""

    def __init__(self, *, failing=False):
        self.runs = []
        self.ran = threading.Event()
        self._failing = failing

    def run(self, now_us):
        self.runs.append(now_us)
        self.ran.set()
        if self._failing:
            raise RecordsError("the database is away")
        return Counter()


def days(monkeypatch, retention, *, every_s):
    monkeypatch.setattr("store_engine.office.retention.DAY_S", every_s)
    daily = Daily(retention, now_us=lambda: 7)
    daily.start()
    assert retention.ran.wait(5)
    retention.ran.clear()
    return daily


def test_it_runs_at_once_and_then_waits_for_a_day(monkeypatch):
    retention = Counting()
    daily = days(monkeypatch, retention, every_s=600.0)
    daily.stop()
    assert retention.runs == [7]


def test_a_failure_does_not_end_it(monkeypatch):
    retention = Counting(failing=True)
    daily = days(monkeypatch, retention, every_s=0.001)
    assert retention.ran.wait(5)
    daily.stop()
    assert len(retention.runs) >= 2
