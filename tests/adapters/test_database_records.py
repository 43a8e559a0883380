"""Commits over a network that fails: each is kept once, whatever was lost."""

import itertools
import threading
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store_engine.adapters.database import open_database
from store_engine.adapters.database.records import SqlRecords
from store_engine.errors import RecordsError
from store_engine.events import EntryRequested
from store_engine.ports import Kept, RawArrival
from tests.tcp_proxy import TcpProxy

COMMIT = b"COMMIT\0"  # as it stands on the wire; other statements say READ COMMITTED


STORES = itertools.count(1)


@pytest.fixture
def network(postgres):
    """A database on the server behind a network that fails on purpose."""
    proxy = TcpProxy(postgres.port)
    database = open_database(postgres.url(postgres.new_database(), port=proxy.port))
    yield database, proxy
    database.close()
    proxy.close()


@pytest.fixture
def proxied(network):
    """Records behind that network."""
    database, proxy = network
    return SqlRecords(database, store="tiny"), proxy


def raw(number):
    return RawArrival(number, "t", b"%d" % number)


def entry(number):
    return EntryRequested(
        event=f"entry/{number}", time_us=1, gate="door", scan=f"door/0/{number}", credential="c"
    )


def batch(number):
    return Kept(journal=[raw(number)], events=[entry(number)])


def test_a_commit_whose_answer_was_lost_is_not_kept_twice(proxied):
    records, proxy = proxied
    proxy.lose_answer(COMMIT)
    with pytest.raises(RecordsError):
        records.commit(batch(1))
    assert list(records.journal()) == [raw(1)]
    assert records.commit(batch(1)) == [entry(1)]
    assert list(records.journal()) == [raw(1)]
    assert records.commit(batch(2)) == [entry(2)]


def test_a_commit_that_did_not_arrive_is_kept_by_the_next_attempt(proxied):
    records, proxy = proxied
    proxy.lose_request(COMMIT)
    with pytest.raises(RecordsError):
        records.commit(batch(1))
    assert list(records.journal()) == []
    assert records.commit(batch(1)) == [entry(1)]
    assert list(records.journal()) == [raw(1)]


def test_what_was_kept_unheard_is_not_taken_for_published(proxied):
    records, proxy = proxied
    proxy.lose_answer(COMMIT)
    with pytest.raises(RecordsError):
        records.commit(batch(1))
    with pytest.raises(RecordsError, match="kept but not announced"):
        records.commit(Kept(published=True))
    with pytest.raises(RecordsError, match="must be settled first"):
        records.save_snapshot(b"state")
    assert records.unpublished() == [entry(1)]


def keep(records, kept):
    """Commit as the service does: again and again until it is kept."""
    while True:
        try:
            return records.commit(kept)
        except RecordsError:
            time.sleep(0.01)


def test_a_server_that_falls_over_under_load_loses_nothing_and_doubles_nothing(postgres):
    records = SqlRecords(open_database(postgres.url(postgres.new_database())), store="tiny")
    announced, stopping = [], threading.Event()

    def work():
        while not stopping.is_set():
            announced.extend(keep(records, batch(len(announced))))

    engine = threading.Thread(target=work)
    engine.start()
    for _ in range(2):
        time.sleep(0.2)
        postgres.stop(how="immediate")
        postgres.start()
    stopping.set()
    engine.join(60)
    assert announced == [entry(n) for n in range(len(announced))]
    assert list(records.journal()) == [raw(n) for n in range(len(announced))]
    records.close()


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(faults=st.lists(st.sampled_from(["none", "request", "answer"]), max_size=8))
def test_whatever_is_lost_every_batch_is_kept_once_and_announced_once(faults, network):
    database, proxy = network
    records = SqlRecords(database, store=f"store {next(STORES)}")
    announced, number = [], 0
    for fault in [*faults, "none"]:
        if fault != "none":
            lose = proxy.lose_request if fault == "request" else proxy.lose_answer
            lose(COMMIT)
        try:
            announced += records.commit(batch(number))
            number += 1
        except RecordsError:
            assert fault != "none"
    assert announced == [entry(n) for n in range(number)]
    assert list(records.journal()) == [raw(n) for n in range(number)]
