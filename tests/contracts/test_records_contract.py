"""Every store of record keeps these promises."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store_engine.adapters.database import open_database, open_existing, sqlite_url
from store_engine.adapters.database.records import SqlRecords
from store_engine.adapters.database.records_reading import RecordsReader
from store_engine.errors import RecordsError, SupersededError
from store_engine.events import (
    CartChanged,
    ChargeRequested,
    EntryRequested,
    ReceiptIssued,
    VisitEnded,
)
from store_engine.messages import LiveCart, Receipt
from store_engine.ports import DeadLetter, Kept, RawArrival


@pytest.fixture
def reopen(database_url):
    """Opens the records; calling it again is a restart."""
    opened = []

    def open_again():
        if opened:
            opened.pop().close()
        opened.append(SqlRecords(open_database(database_url), store="tiny"))
        return opened[0]

    yield open_again
    opened.pop().close()


def raw(number):
    return RawArrival(number, f"stores/tiny/shelves/shelf-{number}/weights", b"%d" % number)


def cart(visit, number):
    live = LiveCart(
        store="tiny", visit=visit, time_us=number, lines=(), total=number, currency="USD"
    )
    return CartChanged(event=f"cart/{visit}/{number}", time_us=number, cart=live)


def ended(visit):
    return VisitEnded(event=f"ended/{visit}", time_us=9, visit=visit)


def entry(number=1):
    return EntryRequested(
        event=f"entry/{number}", time_us=1, gate="door", scan=f"door/0/{number}", credential="c"
    )


def charge(number=1):
    return ChargeRequested(
        event=f"charge/{number}",
        time_us=2,
        visit=f"v{number}",
        account="ada",
        receipt=f"r{number}",
        amount=100,
        currency="USD",
    )


def receipt(number=1):
    issued = Receipt(
        receipt=f"r{number}",
        store="tiny",
        visit=f"v{number}",
        account="ada",
        entered_us=1,
        left_us=number,
        lines=(),
        subtotal=100,
        tax=0,
        total=100,
        currency="USD",
        currency_exponent=2,
        prices_include_tax=False,
    )
    return ReceiptIssued(event=f"receipt/{number}", time_us=2, receipt=issued)


def test_each_start_has_a_number_of_its_own(reopen):
    assert [reopen().begin_life() for _ in range(3)] == [1, 2, 3]


def test_the_journal_comes_back_in_order(reopen):
    records = reopen()
    records.commit(Kept(journal=[raw(3), raw(1)]))
    records.commit(Kept(journal=[raw(2)]))
    assert list(reopen().journal()) == [raw(3), raw(1), raw(2)]


def test_a_snapshot_replaces_the_journal_before_it(reopen):
    records = reopen()
    records.commit(Kept(journal=[raw(1)]))
    records.save_snapshot(b"old")
    records.save_snapshot(b"state")
    records.commit(Kept(journal=[raw(2)]))
    assert reopen().snapshot() == b"state"
    assert list(reopen().journal()) == [raw(2)]


def test_a_new_store_has_no_snapshot(reopen):
    assert reopen().snapshot() is None


def test_an_event_is_kept_once_and_its_first_form_stands(reopen):
    records = reopen()
    assert records.commit(Kept(events=[cart("v", 1)])) == [cart("v", 1)]
    changed = CartChanged(event=cart("v", 1).event, time_us=99, cart=cart("v", 2).cart)
    assert records.commit(Kept(events=[changed, ended("v"), ended("v")])) == [ended("v")]
    assert reopen().decided([changed.event, "unheard of"]) == {changed.event: cart("v", 1)}


def test_an_effect_is_pending_until_its_answer_is_kept(reopen):
    records = reopen()
    records.commit(Kept(events=[entry(), charge()]))
    assert reopen().pending_effects() == [entry(), charge()]
    reopen().commit(Kept(journal=[raw(1)], answered=["entry/1"]))
    assert reopen().pending_effects() == [charge()]


def test_an_effect_asked_for_twice_is_not_pending_again(reopen):
    records = reopen()
    records.commit(Kept(events=[charge()]))
    records.commit(Kept(answered=["charge/1"]))
    records.commit(Kept(events=[charge()]))
    assert reopen().pending_effects() == []


def test_what_the_broker_has_not_confirmed_is_unpublished(reopen):
    records = reopen()
    records.commit(Kept(events=[cart("v", 1)]))
    records.commit(Kept(events=[receipt()], published=True))
    assert reopen().unpublished() == [receipt()]
    reopen().commit(Kept(published=True))
    assert reopen().unpublished() == []


def test_the_last_cart_of_every_open_visit_is_live(reopen):
    records = reopen()
    records.commit(Kept(events=[cart("a", 1), cart("b", 2), cart("a", 3), ended("b")]))
    assert reopen().live_carts() == [cart("a", 3)]


def test_a_failed_commit_keeps_nothing(reopen):
    records = reopen()
    broken = RawArrival(2, None, b"")  # type: ignore[arg-type]
    with pytest.raises(RecordsError):
        records.commit(Kept(journal=[raw(1), broken], events=[charge()]))
    records = reopen()
    assert (list(records.journal()), records.pending_effects()) == ([], [])
    assert records.commit(Kept(events=[charge()])) == [charge()]


def test_stores_in_one_database_do_not_see_each_other(database):
    tiny, other = (SqlRecords(database, store=store) for store in ("tiny", "other"))
    tiny.commit(Kept(journal=[raw(1)], events=[charge(), receipt()]))
    tiny.save_snapshot(b"tiny")
    assert other.commit(Kept(journal=[raw(2)], events=[charge()])) == [charge()]
    other.commit(Kept(answered=["charge/1"], published=True))
    assert (tiny.snapshot(), list(tiny.journal())) == (b"tiny", [])
    assert (other.snapshot(), list(other.journal())) == (None, [raw(2)])
    assert (tiny.pending_effects(), other.pending_effects()) == ([charge()], [])
    assert (tiny.unpublished(), other.unpublished()) == ([charge(), receipt()], [])
    assert RecordsReader(database, store="other").receipts() == []


def test_an_engine_that_was_replaced_keeps_nothing_more(database):
    old, new = (SqlRecords(database, store="tiny") for _ in range(2))
    old.begin_life()
    new.begin_life()
    new.commit(Kept(journal=[raw(1)]))
    with pytest.raises(SupersededError, match="another engine of store 'tiny' has started"):
        old.commit(Kept(journal=[raw(2)]))
    with pytest.raises(SupersededError):
        old.save_snapshot(b"old")
    assert list(new.journal()) == [raw(1)]


def test_a_full_disk_is_a_clear_error(tmp_path):
    database = open_database(sqlite_url(tmp_path / "records.sqlite"))
    records = SqlRecords(database, store="tiny")
    with database.engine.connect() as connection:  # the pool's only one: it is the next one too
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 10}")
    with pytest.raises(RecordsError, match=r"records\.sqlite: database or disk is full"):
        records.commit(Kept(journal=[RawArrival(1, "t", bytes(1_000_000))]))
    records.commit(Kept(journal=[raw(1)]))
    assert list(records.journal()) == [raw(1)]
    records.close()


def test_a_refused_payload_that_a_database_would_refuse_too_is_kept(reopen):
    records = reopen()
    records.commit(Kept(dead_letters=[DeadLetter(RawArrival(1, "a\0b", b"\0"), "what\0ever")]))
    assert records.commit(Kept(events=[charge()])) == [charge()]


def test_receipts_and_refusals_can_be_read_while_the_engine_runs(reopen, database_url):
    records = reopen()
    letter = DeadLetter(RawArrival(1, "t", b"\xff{"), "malformed JSON")
    records.commit(Kept(events=[receipt(2), charge(2), receipt(1)], dead_letters=[letter]))
    reader = RecordsReader(open_existing(database_url))
    assert [one.receipt for one in reader.receipts()] == ["r1", "r2"]
    assert reader.receipt("v2") == receipt(2).receipt
    assert reader.receipt("nothing") is None
    assert reader.events(visit="v2") == [receipt(2), charge(2)]
    assert reader.dead_letters() == [letter]
    assert reader.pending_effects() == 1
    reader.close()


def test_reading_where_there_is_nothing_is_a_clear_error(tmp_path):
    with pytest.raises(RecordsError, match="no store of record"):
        open_existing(sqlite_url(tmp_path / "nothing.sqlite"))


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(batches=st.lists(st.lists(st.integers(0, 9), max_size=5), max_size=6))
def test_however_often_events_are_decided_each_is_new_once(batches, tmp_path_factory):
    path = tmp_path_factory.mktemp("law") / "records.sqlite"
    records = SqlRecords(open_database(sqlite_url(path)), store="tiny")
    new = [e for batch in batches for e in records.commit(Kept(events=[charge(n) for n in batch]))]
    first_seen = list(dict.fromkeys(number for batch in batches for number in batch))
    assert new == [charge(number) for number in first_seen]
    assert records.pending_effects() == new
    records.close()
