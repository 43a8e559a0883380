"""Old events go, on both databases, and an engine that starts again misses nothing."""

import pytest

from store_engine.adapters.database.privacy_retention import SqlRetentionBook
from store_engine.adapters.database.records import SqlRecords
from store_engine.adapters.database.records_reading import RecordsReader
from store_engine.events import EntryRequested, VisitEnded, VisitStarted
from store_engine.ports import Kept, RawArrival

OLD_US, NOW_US = 1_000, 10**15


def started(visit):
    return VisitStarted(
        event=f"{visit}/started", time_us=OLD_US, visit=visit, account="p", gate="", track=""
    )


def ended(visit):
    return VisitEnded(event=f"{visit}/ended", time_us=OLD_US, visit=visit)


def asked(number):
    return EntryRequested(
        event=f"entry-{number}", time_us=OLD_US, gate="", scan="", credential="h:token:x"
    )


class Kitchen:
    """One engine's records, and how to have what is old deleted."""

    def __init__(self, database):
        self.database = database
        self.records = SqlRecords(database, store="shop")
        self.book = SqlRetentionBook(database, settled=())

    def keep(self, *events, published=True, answered=()):
        self.records.commit(Kept(events=events, answered=answered))
        if published:
            self.records.commit(Kept(published=True))

    def drop(self, limit=100):
        return self.book.drop("events", before_us=NOW_US, limit=limit)

    def left(self):
        return [event.event for event in RecordsReader(self.database).events()]


@pytest.fixture
def kitchen(database):
    return Kitchen(database)


def test_a_visit_that_is_over_goes_as_a_whole_but_for_the_last_event(kitchen):
    kitchen.keep(started("v1"), ended("v1"), started("v2"), ended("v2"))
    assert kitchen.drop() == 3
    assert kitchen.left() == ["v2/ended"]


def test_a_visit_without_an_end_stays(kitchen):
    kitchen.keep(started("v1"), started("v2"), ended("v2"), started("v3"))
    kitchen.drop()
    assert kitchen.left() == ["v1/started", "v3/started"]


def test_what_nobody_answered_stays_and_goes_once_it_is(kitchen):
    kitchen.keep(asked(1), asked(2), started("v1"))
    assert kitchen.drop() == 0
    assert [event.event for event in kitchen.records.pending_effects()] == ["entry-1", "entry-2"]
    kitchen.keep(answered=["entry-1"])
    assert kitchen.drop() == 1
    assert [event.event for event in kitchen.records.pending_effects()] == ["entry-2"]


def test_what_may_not_have_reached_the_broker_stays(kitchen):
    kitchen.keep(started("v1"), ended("v1"))
    kitchen.keep(started("v2"), ended("v2"), published=False)
    kitchen.drop()
    assert [event.event for event in kitchen.records.unpublished()] == ["v2/started", "v2/ended"]


def test_what_a_journal_may_decide_again_stays(kitchen):
    heard = RawArrival(OLD_US + 1, "stores/shop/gates/door/scans", b"{}")
    kitchen.records.commit(Kept(journal=[heard], events=[started("v1"), ended("v1"), asked(1)]))
    kitchen.keep(answered=["entry-1"])
    assert kitchen.drop() == 0
    kitchen.records.save_snapshot(b"state")
    assert kitchen.drop() == 2


def test_a_batch_is_as_large_as_it_may_be(kitchen):
    kitchen.keep(*(word for n in range(5) for word in (started(f"v{n}"), ended(f"v{n}"))))
    assert [kitchen.drop(limit=4) for _ in range(4)] == [4, 4, 1, 0]


def test_new_events_are_published_after_everything_old_is_gone(kitchen):
    kitchen.keep(started("v1"), ended("v1"))
    kitchen.drop()
    again = Kitchen(kitchen.database)
    again.keep(started("v2"), published=False)
    assert [event.event for event in again.records.unpublished()] == ["v2/started"]
    assert again.left() == ["v1/ended", "v2/started"]


def test_another_stores_events_are_counted_for_themselves(database, kitchen):
    kitchen.keep(started("v1"), ended("v1"))
    other = SqlRecords(database, store="other")
    other.commit(Kept(events=[started("v1")]))
    kitchen.drop()
    assert kitchen.left() == ["v1/ended", "v1/started"]
