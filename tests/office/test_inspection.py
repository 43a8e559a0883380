"""Books that were tampered with, or kept wrong, do not pass."""

import msgspec
import pytest

from store_engine.office.inspection import Currency, differences, inspect
from store_engine.payment_events import Answered, Asked, Opened, Owed
from store_engine.ports.office import PaymentRow

PAID = [
    Opened(
        payment="p", time_us=1, party="p", store="s", entry="e", currency="USD", exponent=2, hold=9
    ),
    Asked(payment="p", time_us=2, operation="a", kind="authorise", amount=900, method="m"),
    Answered(
        payment="p",
        time_us=3,
        operation="a",
        kind="authorise",
        outcome="done",
        amount=900,
        ref="hold",
    ),
    Owed(payment="p", time_us=4, request="r", receipt="r", amount=700),
    Asked(payment="p", time_us=5, operation="c", kind="capture", amount=700, on="hold"),
    Answered(
        payment="p",
        time_us=6,
        operation="c",
        kind="capture",
        outcome="done",
        amount=700,
        ref="capture",
    ),
]
ROW = PaymentRow(
    payment="p",
    store="s",
    state="paid",
    currency="USD",
    exponent=2,
    held=0,
    owed=700,
    captured=700,
    refunded=0,
    waiting="",
    updated_us=6,
    try_at_us=None,
)


def test_a_payment_that_was_kept_right_shows_no_difference():
    assert differences(ROW, PAID) == []


@pytest.mark.parametrize("figure", ["held", "owed", "captured", "refunded"])
def test_a_figure_that_the_words_do_not_tell_is_found(figure):
    wrong = msgspec.structs.replace(ROW, **{figure: 1})
    (line,) = differences(wrong, PAID)
    assert line.startswith(f"payment p: {figure} is 1, told ")


def test_a_word_that_went_missing_is_found():
    found = " ".join(differences(ROW, PAID[:-1]))
    assert "captured is 700, told 0" in found
    assert "state is paid, told" in found


def test_money_is_summed_by_currency():
    yen = msgspec.structs.replace(ROW, currency="JPY", exponent=0)
    totals, wrong = inspect([(ROW, PAID), (ROW, PAID), (yen, PAID)])
    assert wrong == []
    assert totals[Currency("USD", 2)].cash == totals[Currency("USD", 2)].owed == 1_400
    assert totals[Currency("JPY", 0)].cash == 700
    assert all(balance.difference == 0 for balance in totals.values())
