from hypothesis import given
from hypothesis import strategies as st

from store_engine.scoring import Score, score

PRICES = {"a": 100, "b": 250, "c": 75}
BASKETS = st.dictionaries(
    st.sampled_from(["ann", "bob"]), st.dictionaries(st.sampled_from("abc"), st.integers(1, 4))
)


def test_the_right_product_on_the_wrong_receipt_is_wrong_twice():
    result = score(charged={"bob": {"a": 1}}, owed={"ann": {"a": 1}}, prices=PRICES)
    assert (result.right, result.extra, result.missing) == (0, 1, 1)
    assert (result.exact, result.shoppers, result.f1) == (0, 2, 0.0)


def test_money_error_is_what_went_wrong_over_what_was_owed():
    result = score(charged={"ann": {"a": 1}}, owed={"ann": {"a": 1, "b": 1}}, prices=PRICES)
    assert result.money_error == 250 / 350


def test_an_empty_visit_charged_nothing_is_exact():
    result = score(charged={"ann": {}}, owed={"ann": {}}, prices=PRICES)
    assert (result.exact_share, result.f1, result.money_error) == (1.0, 1.0, 0.0)


@given(owed=BASKETS)
def test_a_perfect_engine_scores_one(owed):
    result = score(charged=owed, owed=owed, prices=PRICES)
    assert (result.precision, result.recall, result.f1, result.exact_share) == (1, 1, 1, 1)


@given(charged=BASKETS, owed=BASKETS)
def test_items_are_counted_once(charged, owed):
    result = score(charged=charged, owed=owed, prices=PRICES)
    assert result.right + result.extra == sum(sum(b.values()) for b in charged.values())
    assert result.right + result.missing == sum(sum(b.values()) for b in owed.values())


def test_scores_of_sessions_add_up():
    half = Score(right=1, missing=1, shoppers=1)
    assert (half + half).recall == half.recall == 0.5
