"""Every store of record keeps these promises to the office."""

import threading

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store_engine.adapters.database import open_database
from store_engine.adapters.database.books import SqlBooks
from store_engine.adapters.database.office_tables import payment_methods
from store_engine.adapters.memory_books import MemoryBooks
from store_engine.errors import ConflictError
from store_engine.payment_events import Answered, Asked, LinkPaid, Opened, Owed
from store_engine.ports.office import PaymentMethod, PaymentRow
from tests.databases import KINDS, empty_databases

METHODS = {  # each account's favourite first
    "ada": [PaymentMethod("m2", "tok_2"), PaymentMethod("m1", "tok_1")],
    "bob": [PaymentMethod("m3", "tok_3")],
}


@pytest.fixture(params=["memory", *KINDS])
def books(request, tmp_path):
    if request.param == "memory":
        yield MemoryBooks(METHODS)
        return
    with empty_databases(request.param, request, tmp_path) as give:
        database = open_database(give())
        add_methods(database)
        yield SqlBooks(database)
        database.close()


def add_methods(database):
    """Add them the other way round: the order is in their rank."""
    rows = [
        {"method": method.method, "account": account, "token": method.token, "rank": rank}
        for account, methods in METHODS.items()
        for rank, method in reversed(list(enumerate(methods)))
    ]
    with database.writing() as connection:
        connection.execute(sa.insert(payment_methods), rows)


def row(payment="p1", state="held", try_at_us=None):
    return PaymentRow(
        payment=payment,
        store="tiny",
        state=state,
        currency="USD",
        exponent=2,
        held=5_000,
        owed=0,
        captured=0,
        refunded=0,
        waiting="",
        updated_us=7,
        try_at_us=try_at_us,
    )


def opened(payment="p1"):
    return Opened(
        payment=payment,
        time_us=1,
        party=payment,
        store="tiny",
        entry="e1",
        currency="USD",
        exponent=2,
    )


def asked(number=1, payment="p1"):
    operation = f"{payment}/authorise/{number}"
    return Asked(payment=payment, time_us=2, operation=operation, kind="authorise", amount=5_000)


def owed(amount, payment="p1"):
    return Owed(payment=payment, time_us=3, request="r1", receipt="r1", amount=amount)


def bind(books, party, *, account="ada", store="tiny"):
    return books.bind(party=party, account=account, store=store, time_us=1)


def at_once(act, count):
    """Do `act(number)` on as many threads at one moment; return what each returned or raised."""
    barrier, done = threading.Barrier(count), {}

    def work(number):
        barrier.wait()
        try:
            done[number] = act(number)
        except ConflictError as error:
            done[number] = error

    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return [done[number] for number in range(count)]


# ---- payments ----------------------------------------------------------------------------------


def test_what_was_decided_comes_back_in_order(books):
    books.append(row(), [opened(), asked()], after=0)
    books.append(row(state="owing"), [owed(100)], after=2)
    assert books.load("p1") == [opened(), asked(), owed(100)]
    assert books.payment("p1") == row(state="owing")


def test_nothing_is_known_of_a_payment_that_was_never_opened(books):
    assert books.load("p1") == []
    assert books.payment("p1") is None


@pytest.mark.parametrize("after", [0, 1, 3])
def test_who_decided_on_an_older_state_keeps_nothing(books, after):
    books.append(row(), [opened(), asked()], after=0)
    with pytest.raises(ConflictError, match="payment p1"):
        books.append(row(state="other"), [owed(1)], after=after)
    assert books.load("p1") == [opened(), asked()]
    assert books.payment("p1") == row()


def test_events_of_a_payment_that_does_not_exist_are_a_conflict(books):
    with pytest.raises(ConflictError):
        books.append(row(), [owed(1)], after=1)
    assert books.payment("p1") is None


def test_a_second_attempt_after_a_lost_answer_finds_its_own_events(books):
    books.append(row(), [opened()], after=0)
    with pytest.raises(ConflictError):
        books.append(row(), [opened()], after=0)
    assert books.load("p1") == [opened()]


def test_of_many_who_decide_at_once_one_is_kept(books):
    books.append(row(), [opened()], after=0)
    done = at_once(lambda n: books.append(row(state=f"by {n}"), [owed(n)], after=1), 8)
    (first,) = (number for number, result in enumerate(done) if result is None)
    assert sum(isinstance(result, ConflictError) for result in done) == 7
    assert books.load("p1") == [opened(), owed(first)]
    assert books.payment("p1").state == f"by {first}"


def test_a_look_without_a_decision_changes_only_the_row(books):
    books.append(row(), [opened()], after=0)
    books.append(row(try_at_us=9), [], after=1)
    assert (books.payment("p1").try_at_us, books.load("p1")) == (9, [opened()])


def test_the_longest_due_payments_come_first(books):
    for payment, try_at_us in [("late", 30), ("b", 10), ("a", 10), ("never", None), ("soon", 41)]:
        books.append(row(payment, try_at_us=try_at_us), [opened(payment)], after=0)
    assert [one.payment for one in books.due(now_us=40, limit=9)] == ["a", "b", "late"]
    assert [one.payment for one in books.due(now_us=40, limit=2)] == ["a", "b"]


def test_a_payment_is_found_by_what_the_provider_calls_it(books):
    done = Answered(
        payment="p1",
        time_us=3,
        operation="o",
        kind="capture",
        outcome="done",
        amount=1,
        ref="pi_7",
    )
    books.append(row(), [opened(), asked(), done], after=0)
    paid = LinkPaid(payment="p2", time_us=3, link="l", amount=1, ref="pi_8")
    books.append(row("p2"), [opened("p2"), paid], after=0)
    assert [books.payment_of(ref) for ref in ("pi_7", "pi_8")] == ["p1", "p2"]
    assert [books.payment_of(ref) for ref in ("pi_9", "")] == [None, None]


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(attempts=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), max_size=8))
def test_whatever_is_tried_the_events_of_a_payment_have_no_gap(attempts, books):
    payment = f"law {hash(tuple(attempts))}"
    kept = []
    for after, count in attempts:
        new = [owed(len(kept) + n, payment) for n in range(count)]
        if after == len(kept):
            books.append(row(payment), new, after=after)
            kept += new
        else:
            with pytest.raises(ConflictError):
                books.append(row(payment), new, after=after)
    assert books.load(payment) == kept


# ---- parties -----------------------------------------------------------------------------------


def test_a_second_tap_joins_the_party_that_is_open(books):
    assert bind(books, "p1") == "p1"
    assert bind(books, "p2") == "p1"
    assert bind(books, "p3", account="bob") == "p3"
    assert bind(books, "p4", store="other") == "p4"


def test_after_parting_the_next_entry_is_a_new_party(books):
    bind(books, "p1")
    books.part(party="p1")
    books.part(party="p1")
    assert bind(books, "p2") == "p2"


def test_an_entry_that_is_asked_again_gets_the_same_answer(books):
    assert [bind(books, "p1"), bind(books, "p1")] == ["p1", "p1"]
    books.part(party="p1")
    assert bind(books, "p1") == "p1"


def test_taps_at_one_moment_get_one_party(books):
    parties = at_once(lambda number: bind(books, f"p{number}"), 8)
    assert len(set(parties)) == 1
    assert parties[int(parties[0][1:])] == parties[0]


def test_taps_while_the_party_leaves_never_get_a_party_nobody_opened(books):
    bind(books, "p0")

    def tap(number):
        if number % 2:
            books.part(party="p0")
        return bind(books, f"p{number + 1}")

    assert set(at_once(tap, 8)) <= {f"p{number}" for number in range(9)}
    assert bind(books, "last") != "p0"


def test_the_favourite_method_comes_first(books):
    bind(books, "p1")
    assert books.methods("p1") == METHODS["ada"]
    assert books.methods("nobody") == []
