"""Every store of record keeps these promises to the counter and to webhooks."""

import threading

import pytest

from store_engine.adapters.database.books import SqlBooks
from store_engine.adapters.database.cases import SqlCasebook
from store_engine.adapters.database.webhooks import OfficeFeed, SqlSubscriptions, write_notes
from store_engine.case_events import CaseDecided, CaseOpened, CaseQueued
from store_engine.errors import ConflictError
from store_engine.ports.office import CaseRow
from store_engine.ports.webhooks import Place, Subscription


@pytest.fixture
def casebook(database):
    return SqlCasebook(database)


def opened(case="r1/a", payment="p1"):
    return CaseOpened(
        case=case, time_us=1, store="tiny", receipt="r1", payment=payment, claim="not_taken"
    )


def row(case="r1/a", *, state="waiting", payment="p1", at_once=False, opened_us=1):
    return CaseRow(
        case=case,
        receipt="r1",
        payment=payment,
        store="tiny",
        claim="not_taken",
        state=state,
        amount=500,
        at_once=at_once,
        opened_us=opened_us,
        updated_us=2,
    )


def test_what_was_decided_is_read_back_in_order(casebook):
    words = [opened(), CaseQueued(case="r1/a", time_us=2, why="large")]
    casebook.append(row(), words, after=0)
    more = CaseDecided(case="r1/a", time_us=3, decision="close", amount=0, by="eva")
    casebook.append(row(state="closed"), [more], after=2)
    assert casebook.load("r1/a") == [*words, more]


def test_the_second_of_two_who_decide_at_once_is_told(casebook):
    casebook.append(row(), [opened()], after=0)
    with pytest.raises(ConflictError, match="case r1/a: not at its first 0 events"):
        casebook.append(row(), [opened()], after=0)
    assert casebook.load("r1/a") == [opened()]


def test_the_queue_is_found_by_state_oldest_first(casebook):
    for number, state in enumerate(("closed", "waiting", "waiting")):
        case = f"r1/{number}"
        kept = row(case, state=state, opened_us=9 - number)
        casebook.append(kept, [opened(case)], after=0)
    assert [kept.case for kept in casebook.cases(states=["waiting"])] == ["r1/2", "r1/1"]
    assert len(casebook.cases(receipt="r1")) == 3
    assert casebook.cases(receipt="r2") == []


def test_refunds_at_once_are_counted_over_all_visits_of_an_account(casebook, database):
    books = SqlBooks(database)
    for party in ("p1", "p2"):
        books.bind(party=party, account="ada", store="tiny", time_us=1)
        books.part(party=party)
        case = f"{party}/a"
        kept = row(case, payment=party, at_once=True, opened_us=5)
        casebook.append(kept, [opened(case, party)], after=0)
    assert casebook.refunds_at_once(payment="p1", since_us=5) == 2
    assert casebook.refunds_at_once(payment="p1", since_us=6) == 0
    assert casebook.refunds_at_once(payment="p3", since_us=0) == 0


def test_what_the_office_decided_is_told_in_order(casebook, database):
    casebook.append(row(), [opened(), CaseQueued(case="r1/a", time_us=2, why="x")], after=0)
    notes = OfficeFeed(database).after(0, 10)
    assert [note.name for note in notes] == ["r1/a/1", "r1/a/2"]
    assert OfficeFeed(database).after(notes[0].position, 10) == notes[1:]


def test_a_note_is_not_passed_while_an_earlier_one_may_still_come(database):
    """On PostgreSQL the first writer has its position, but commits second."""
    if database.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    wrote, go_on = threading.Event(), threading.Event()

    def slow():
        with database.writing() as connection:
            write_notes(connection, about="slow", store="tiny", words=[opened()], after=0)
            wrote.set()
            go_on.wait(10)

    first = threading.Thread(target=slow)
    first.start()
    wrote.wait(10)
    with database.writing() as connection:
        write_notes(connection, about="fast", store="tiny", words=[opened()], after=0)
    before = OfficeFeed(database).after(0, 10)
    go_on.set()
    first.join()
    after = [note.name for note in OfficeFeed(database).after(0, 10)]
    assert (before, after) == ([], ["slow/1", "fast/1"])


def test_a_subscription_and_its_place_are_kept(database):
    subscriptions = SqlSubscriptions(database)
    one = Subscription(subscription="a", url="https://a", secret="whsec_x", types=("x", "y"))
    subscriptions.subscribe(one)
    place = Place(position=7, failing_since_us=1, failures=2, try_at_us=3, stopped="")
    subscriptions.move("a", "office", place)
    assert subscriptions.subscriptions() == [one]
    assert subscriptions.place("a", "office") == place
    assert subscriptions.place("a", "engine") == Place()


def test_a_cancelled_subscription_is_forgotten(database):
    subscriptions = SqlSubscriptions(database)
    subscriptions.subscribe(Subscription(subscription="a", url="https://a", secret="whsec_x"))
    subscriptions.move("a", "office", Place(position=7))
    subscriptions.cancel("a")
    assert subscriptions.subscriptions() == []
    assert subscriptions.place("a", "office") == Place()
