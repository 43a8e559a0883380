import pytest
import sqlalchemy as sa

from store_engine.adapters.database.tables import metadata
from store_engine.errors import RequestError
from store_engine.office.retention import KINDS, Retention
from store_engine.ports.privacy import ERASED
from tests.privacy.privacy_world import ADA, DAYS, PRINTED, TEXT


def count(shop, table):
    with shop.database.reading() as connection:
        query = sa.select(sa.func.count()).select_from(metadata.tables[table])
        return connection.scalar(query)


def counts(shop):
    return {table: count(shop, table) for table in metadata.tables}


def run(shop, **days):
    return shop.retention(**days).run(shop.now_us)


@pytest.fixture
def old(shop):
    """A shop that visits were made to, and whose engine has been idle since."""
    shop.visits_of_ada()
    shop.settle_down()
    return shop


def test_on_the_same_day_nothing_is_deleted(old):
    before = counts(old)
    assert +run(old) == {}
    assert counts(old) == before


@pytest.mark.parametrize(
    ("after_days", "table"),
    [
        (2, "entry_answers"),
        (2, "used_codes"),
        (DAYS["refused payloads"] + 1, "dead_letters"),
        (DAYS["notes"] + 1, "notes"),
        (DAYS["audit"] + 1, "audit"),
        (DAYS["links"] + 1, "parties"),
        (DAYS["links"] + 1, "accounts"),
        (DAYS["money"] + 1, "receipts"),
        (DAYS["money"] + 1, "payment_events"),
        (DAYS["money"] + 1, "case_events"),
    ],
)
def test_a_table_is_empty_when_its_time_is_over_and_not_before(old, after_days, table):
    assert count(old, table) > 0
    old.pass_days(after_days - 1.5)
    run(old)
    assert count(old, table) > 0
    old.pass_days(1.5)
    run(old)
    assert count(old, table) == 0


def test_a_second_run_finds_nothing_to_do(old):
    old.pass_days(DAYS["money"] + 1)
    assert +run(old)
    assert +run(old) == {}


def test_only_the_last_event_of_a_store_stays(old):
    old.pass_days(DAYS["events"] + 2)
    before = count(old, "events")
    assert run(old)["events"] == before - 1 > 0


def test_what_people_wrote_is_cleared_before_the_money_goes(old):
    old.pass_days(DAYS["case texts"] + 1)
    assert run(old)["case texts"] == 1
    (case,) = old.casebook.cases()
    assert old.casebook.load(case.case)[0].reason == ERASED
    assert not any(TEXT in str(old.books.load(f"shop.door.0.{n}")) for n in range(3))


def test_whoever_came_in_lately_is_kept(shop):
    shop.pass_days(DAYS["links"] + 1)
    shop.scan(PRINTED)
    shop.settle_down()
    run(shop)
    assert [one.account for one in shop.accounts.accounts()] == [ADA]


def test_staff_are_never_idle(shop):
    shop.registry.add("rob", role="staff")
    shop.pass_days(DAYS["links"] + 1)
    assert run(shop)["accounts"] == 2
    assert [one.account for one in shop.accounts.accounts()] == ["rob"]


def test_a_visit_that_is_open_is_never_touched(shop):
    shop.tap(PRINTED)
    shop.pass_days(DAYS["money"] + 1)
    run(shop)
    assert shop.books.methods("shop.door.0.1")
    assert shop.books.payment("shop.door.0.1").state == "held"
    assert shop.accounts.account(ADA) is not None


def test_a_link_stays_while_its_payment_is_not_settled(shop):
    shop.scan(PRINTED)
    shop.settle_down()
    shop.till.dispute("shop.door.0.0", dispute="d1", amount=100)
    shop.pass_days(DAYS["money"] + 1)
    run(shop)
    assert shop.accounts.who_are(["shop.door.0.0"]) == {"shop.door.0.0": ADA}
    assert shop.reading.receipts() == []  # the receipt's own time is over


def test_small_batches_delete_the_same(old, monkeypatch):
    monkeypatch.setattr("store_engine.office.retention.BATCH", 1)
    old.pass_days(DAYS["money"] + 1)
    run(old)
    left = {table for table, rows in counts(old).items() if rows}
    assert left == {"events", "facts", "snapshots", "handle_secrets", "code_keys"}


def test_one_run_deletes_no_more_than_it_may(old, monkeypatch):
    monkeypatch.setattr("store_engine.office.retention.BATCH", 1)
    monkeypatch.setattr("store_engine.office.retention.BATCHES_MAX", 2)
    old.pass_days(DAYS["events"] + 2)
    assert run(old)["events"] == 2


def test_days_must_be_said_for_every_kind(shop):
    days = dict.fromkeys((*KINDS[1:], "recordings", "accounts"), 1.0)
    with pytest.raises(RequestError, match=f"how long \\['{KINDS[0]}'\\] are kept"):
        Retention(shop.book, shop.persons, shop.privacy, None, shop.scrubber, days=days)
