"""What a basket costs, case by case."""

import msgspec
import pytest

from store_engine.catalog import half_even
from store_engine.checkout.pricing import Item, price
from store_engine.checkout.pricing_shares import share_out
from store_engine.errors import InvariantError
from store_engine.promotions import PayFewer, PercentOff, SetPrice, Voucher
from tests.checkout.offers import (
    BOOK,
    CHEESE,
    MEMBER,
    MILK,
    NOON,
    PUBLIC,
    SOAP,
    TEA,
    TENTH,
    THREE_FOR_TWO,
    TWO_FOR_300,
    basket,
    holding,
    offered,
    only,
    voucher,
)


@pytest.mark.parametrize(
    ("quantity", "owed"), [(1, 250), (2, 500), (3, 500), (5, 1000), (6, 1000), (7, 1250)]
)
def test_of_every_three_one_is_free(quantity: int, owed: int):
    assert basket({TEA: quantity}, offered(THREE_FOR_TWO, TEA)).owed == owed


@pytest.mark.parametrize(("quantity", "owed"), [(1, 250), (2, 300), (3, 550), (4, 600)])
def test_two_cost_one_price(quantity: int, owed: int):
    assert basket({TEA: quantity}, offered(TWO_FOR_300, TEA)).owed == owed


def test_sets_mix_products_and_the_cheapest_is_free():
    priced = basket({TEA: 2, MILK: 1}, offered(THREE_FOR_TWO, TEA, MILK))
    assert priced.owed == 500
    assert [line.discount for line in priced.lines] == [-97, -23]  # 120 over 500 and 120


def test_a_set_that_costs_more_than_its_units_is_not_made():
    assert basket({MILK: 2}, offered(TWO_FOR_300, MILK)).owed == 240


def test_completing_a_set_with_a_price_may_lower_what_is_owed():
    offer = offered(SetPrice(take=2, price=200), TEA)
    assert [basket({TEA: pieces}, offer).owed for pieces in (1, 2)] == [250, 200]


def test_a_reduction_says_which_promotion_it_is_from():
    (reduction,) = only(basket({TEA: 1}, offered(TENTH, TEA, name="autumn"))).reductions
    assert (reduction.kind, reduction.id, reduction.name) == ("promotion", "autumn", "Autumn")
    assert reduction.amount == -25


def test_a_percentage_may_be_on_a_tax_class_or_on_everything():
    food = offered(TENTH, tax_classes=frozenset({"food"}))
    assert basket({TEA: 1, SOAP: 1}, food).owed == 225 + 399
    assert basket({TEA: 1, SOAP: 1}, offered(TENTH)).owed == 649 - 65


def test_a_basket_promotion_is_rounded_once_and_its_parts_add_up():
    priced = basket({TEA: 1, MILK: 1, SOAP: 1}, offered(PercentOff(rate_ppm=333_333)))
    assert [line.discount for line in priced.lines] == [-83, -40, -133]
    assert sum(line.discount for line in priced.lines) == -half_even(769 * 333_333, 1_000_000)


def test_members_pay_the_member_price_and_others_do_not():
    assert basket({TEA: 2}, shopper=MEMBER).owed == 400
    assert only(basket({TEA: 2}, shopper=MEMBER)).reductions[0].kind == "member_price"
    assert basket({TEA: 2}, shopper=PUBLIC).owed == 500


def test_a_promotion_for_members_is_for_members():
    offer = offered(TENTH, MILK, members_only=True)
    assert basket({MILK: 1}, offer, shopper=MEMBER).owed == 108
    assert basket({MILK: 1}, offer, shopper=PUBLIC).owed == 120


def test_every_unit_gets_one_promotion_the_best_for_the_shopper():
    sets, tenth = offered(THREE_FOR_TWO, TEA), offered(TENTH, TEA, name="tenth")
    priced = only(basket({TEA: 4}, sets, tenth))
    assert {one.id: one.amount for one in priced.reductions} == {"offer": -250, "tenth": -25}


def test_a_percentage_that_is_better_than_a_set_keeps_its_units():
    sets, half = (
        offered(THREE_FOR_TWO, TEA),
        offered(PercentOff(rate_ppm=500_000), TEA, name="half"),
    )
    assert [one.id for one in only(basket({TEA: 3}, sets, half)).reductions] == ["half"]


def test_between_equal_promotions_the_name_decides():
    one, other = offered(TENTH, TEA, name="b"), offered(TENTH, TEA, name="a")
    assert [cut.id for cut in only(basket({TEA: 1}, one, other)).reductions] == ["a"]


@pytest.mark.parametrize(("at_us", "owed"), [(-1, 250), (0, 225), (999, 225), (1_000, 250)])
def test_a_promotion_holds_for_visits_that_start_in_its_time(at_us: int, owed: int):
    offer = offered(TENTH, TEA, from_us=NOON, until_us=NOON + 1_000)
    assert basket({TEA: 1}, offer, at_us=NOON + at_us).owed == owed


@pytest.mark.parametrize(
    ("measured_g", "mass_g", "amount"),
    [(312.4, 312, 374), (None, 401, 481), (0.0, 401, 481), (float("nan"), 401, 481)],
)
def test_what_is_sold_by_weight_costs_its_measured_or_else_its_mean_mass(
    measured_g: float | None, mass_g: int, amount: int
):
    line = only(price([Item(CHEESE, 2, measured_g)], BOOK, PUBLIC, at_us=NOON))
    assert (line.mass_g, line.amount) == (mass_g, amount)


def test_members_pay_the_member_price_of_a_kilogram():
    line = only(price([Item(CHEESE, 1, 500.0)], BOOK, MEMBER, at_us=NOON))
    assert (line.amount, line.owed) == (600, 500)  # 599.5 and 499.5, ties to even


def test_what_is_sold_by_weight_is_never_in_a_set_and_one_unit_to_a_percentage():
    assert basket({CHEESE: 3}, offered(PayFewer(take=3, pay=1))).owed == 721
    assert basket({CHEESE: 3}, offered(TENTH)).owed == 649


def test_classes_with_and_without_their_tax_share_a_basket():
    priced = basket({TEA: 1, SOAP: 1}, tax_included={"goods": False})
    assert [(line.tax_included, line.tax, line.owed) for line in priced.lines] == [
        (True, 16, 250),
        (False, 76, 475),
    ]


def test_tax_is_on_what_reductions_leave():
    line = only(basket({SOAP: 1}, offered(TENTH), prices_include_tax=False))
    assert (line.amount, line.discount, line.tax, line.owed) == (399, -40, 68, 427)


def test_a_voucher_comes_off_after_promotions_and_is_used_up():
    priced = basket({TEA: 1}, offered(TENTH), shopper=holding(voucher(amount=100)))
    assert (priced.owed, priced.redeemed) == (125, ("v-1",))


def test_a_voucher_gives_no_change_and_one_that_is_not_needed_stays_good():
    small, large = voucher("small", amount=100), voucher("large", amount=500)
    priced = basket({TEA: 1}, shopper=holding(large, small, voucher("spare", amount=500)))
    assert (priced.owed, priced.redeemed) == (0, ("small", "large"))


def test_shares_come_before_amounts():
    tenth = voucher("tenth", rate_ppm=100_000)
    assert basket({TEA: 1}, shopper=holding(voucher(amount=50), tenth)).owed == 175


def test_the_voucher_that_runs_out_first_goes_first_and_one_that_ran_out_is_left():
    soon = voucher("soon", amount=300, until_us=NOON + 1)
    over = voucher("over", amount=300, until_us=NOON)
    priced = basket({TEA: 1}, shopper=holding(voucher("later", amount=300), over, soon))
    assert priced.redeemed == ("soon",)


def test_a_voucher_presented_twice_is_one():
    assert basket({TEA: 1}, shopper=holding(*[voucher(amount=100)] * 2)).owed == 150


@pytest.mark.parametrize("worth", [{}, {"amount": -1}, {"amount": 1, "rate_ppm": 1}])
def test_a_voucher_is_worth_one_thing(worth: dict[str, int]):
    with pytest.raises(msgspec.ValidationError, match="either an amount above 0 or a share"):
        msgspec.convert({"voucher": "v", "name": "V", **worth}, Voucher)


@pytest.mark.parametrize(
    ("offer", "limit"),
    [
        (lambda: PercentOff(rate_ppm=1_000_001), "at most 1000000"),
        (lambda: PayFewer(take=2, pay=2), "fewer than taken"),
        (lambda: SetPrice(take=1, price=5), "at least 2"),
    ],
)
def test_an_offer_that_makes_no_sense_is_no_offer(offer, limit: str):
    with pytest.raises(ValueError, match=limit):
        offer()


def test_an_unknown_product_is_a_bug():
    with pytest.raises(InvariantError, match="product 1: not in the catalog"):
        price([Item("1", 1)], BOOK, PUBLIC, at_us=NOON)


def test_nothing_is_shared_over_nothing():
    assert share_out(0, {"a": 0}) == {"a": 0}
    with pytest.raises(ValueError, match="nothing to share them over"):
        share_out(1, {"a": 0})


@pytest.mark.parametrize(("numerator", "rounded"), [(5, 0), (15, 2), (25, 2), (26, 3), (-5, 0)])
def test_ties_go_to_the_even_unit(numerator: int, rounded: int):
    assert half_even(numerator, 10) == rounded
