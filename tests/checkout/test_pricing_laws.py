"""What holds of every basket, price book and shopper; the guide's words are these laws."""

import dataclasses
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from store_engine.catalog import Catalog, Product
from store_engine.checkout.pricing import Item, PricedBasket, price
from store_engine.promotions import PayFewer, PercentOff, Promotion, SetPrice, Shopper, Voucher
from store_engine.units import Gtin
from tests.checkout.offers import NOON

GTINS = [Gtin(name) for name in "abcd"]
CLASSES = ["none", "low", "high"]
RATE_MAX_PPM = 300_000
some = settings(max_examples=40)  # a whole book takes a while to draw
CURRENCIES = [("USD", 2), ("JPY", 0), ("KWD", 3)]

percentages = st.builds(PercentOff, rate_ppm=st.integers(1, 1_000_000))
one_free = st.integers(2, 4).map(lambda take: PayFewer(take=take, pay=take - 1))
multi_buys = st.one_of(
    one_free,
    st.just(PayFewer(take=4, pay=1)),
    st.builds(SetPrice, take=st.integers(2, 3), price=st.integers(0, 900)),
)
vouchers = st.lists(
    st.one_of(
        st.builds(Voucher, voucher=st.sampled_from("vwx"), name=st.just("V"),
                  amount=st.integers(1, 2_000)),
        st.builds(Voucher, voucher=st.sampled_from("yz"), name=st.just("V"),
                  rate_ppm=st.integers(1, 1_000_000)),
    ),
    max_size=3, unique_by=lambda one: one.voucher,
).map(tuple)  # fmt: skip
shoppers = st.builds(Shopper, member=st.booleans(), vouchers=vouchers)
regulars = st.builds(Shopper, member=st.booleans())
baskets = st.dictionaries(st.sampled_from(GTINS), st.integers(1, 5))


@st.composite
def promotions(draw: st.DrawFn, offers: st.SearchStrategy, name: str) -> Promotion:
    return Promotion(
        promotion=name,
        name=name,
        offer=draw(offers),
        products=draw(st.frozensets(st.sampled_from(GTINS))),
        tax_classes=draw(st.frozensets(st.sampled_from(CLASSES))),
        members_only=draw(st.booleans()),
    )


@st.composite
def products(draw: st.DrawFn, gtin: Gtin, *, weighed: bool) -> Product:
    cost = draw(st.integers(0, 999))
    by_weight = weighed and draw(st.booleans())
    return Product(
        gtin=gtin,
        name=gtin,
        price=cost,
        tax_class=draw(st.sampled_from(CLASSES)),
        mass_g=draw(st.sampled_from([1.5, 333.3, 1_000.0])),
        mass_std_g=1.0,
        price_per_kg=cost if by_weight else None,
        member_price=draw(st.none() | st.integers(0, cost)),
    )


@st.composite
def books(
    draw: st.DrawFn,
    *,
    singles: int = 2,
    sets: st.SearchStrategy | None = multi_buys,
    weighed: bool = True,
    members: bool = True,
) -> Catalog:
    """A book with up to so many percentages, and a multi-buy."""
    offers = [draw(promotions(percentages, f"single-{n}")) for n in range(singles)]
    offers += [draw(promotions(sets, "set"))] if sets is not None else []
    currency, exponent = draw(st.sampled_from(CURRENCIES))
    goods = [draw(products(gtin, weighed=weighed)) for gtin in GTINS]
    if not members:
        goods = [dataclasses.replace(one, member_price=None) for one in goods]
    return Catalog(
        products={one.gtin: one for one in goods},
        tax_rates={
            "none": 0,
            "low": draw(st.integers(1, RATE_MAX_PPM)),
            "high": draw(st.integers(1, RATE_MAX_PPM)),
        },
        currency=currency,
        currency_exponent=exponent,
        prices_include_tax=draw(st.booleans()),
        tax_included=draw(st.dictionaries(st.sampled_from(CLASSES), st.booleans())),
        promotions=tuple(offers),
    )


def priced(basket: dict[Gtin, int], book: Catalog, shopper: Shopper) -> PricedBasket:
    items = [Item(gtin, quantity) for gtin, quantity in basket.items()]
    return price(items, book, shopper, at_us=NOON)


def left(basket: PricedBasket) -> int:
    """What the goods cost as they stand on the shelf, after reductions."""
    return sum(line.amount + line.discount for line in basket.lines)


def slack(basket: PricedBasket, book: Catalog) -> float:
    """How far rounding may move what is owed, in minor units, where there are no sets.

    Half a unit per promotion; per line, half a unit of its tax, and the tax on the one and a half
    units by which sharing out a promotion may move its amount.
    """
    return len(book.promotions) / 2 + len(basket.lines) * (0.5 + 1.5 * RATE_MAX_PPM / 1e6)


def together(one: dict[Gtin, int], other: dict[Gtin, int]) -> dict[Gtin, int]:
    return {gtin: one.get(gtin, 0) + other.get(gtin, 0) for gtin in {**one, **other}}


@some
@given(baskets, books(), shoppers)
def test_what_is_owed_is_the_sum_of_lines_that_add_up_themselves(basket, book, shopper):
    result = priced(basket, book, shopper)
    for line in result.lines:
        assert line.owed == line.amount + line.discount + (0 if line.tax_included else line.tax)
    assert result.owed == sum(line.owed for line in result.lines)


@some
@given(baskets, books(), shoppers)
def test_where_tax_is_included_the_shelf_price_is_what_is_owed(basket, book, shopper):
    book = dataclasses.replace(book, prices_include_tax=True, tax_included={})
    result = priced(basket, book, shopper)
    assert result.owed == left(result)


@some
@given(baskets, books(), shoppers)
def test_nothing_is_ever_negative_and_every_reduction_reduces(basket, book, shopper):
    for line in priced(basket, book, shopper).lines:
        assert line.amount + line.discount >= 0
        assert line.tax >= 0
        assert all(reduction.amount < 0 for reduction in line.reductions)


@some
@given(baskets, books(), shoppers, st.randoms(use_true_random=False))
def test_the_order_of_items_promotions_and_vouchers_means_nothing(basket, book, shopper, shuffler):
    items, offers, presented = list(basket.items()), list(book.promotions), list(shopper.vouchers)
    for order in (items, offers, presented):
        shuffler.shuffle(order)
    shuffled = (
        dict(items),
        dataclasses.replace(book, promotions=tuple(offers)),
        Shopper(member=shopper.member, vouchers=tuple(presented)),
    )
    one, other = priced(basket, book, shopper), priced(*shuffled)
    assert sorted(map(repr, one.lines)) == sorted(map(repr, other.lines))
    assert one.redeemed == other.redeemed


@some
@given(baskets, books(), shoppers)
def test_vouchers_take_off_what_is_left_at_most_and_only_the_presented_are_used(
    basket, book, shopper
):
    before = priced(basket, book, Shopper(member=shopper.member))
    after = priced(basket, book, shopper)
    worth = {one.voucher: one.amount or left(before) for one in shopper.vouchers}
    assert set(after.redeemed) <= set(worth)
    assert left(after) >= max(0, left(before) - sum(worth[one] for one in after.redeemed))


@some
@given(baskets, books(), st.lists(st.integers(1, 2_000), max_size=3))
def test_vouchers_of_an_amount_are_worth_it_to_the_unit_and_give_no_change(basket, book, amounts):
    presented = tuple(
        Voucher(voucher=str(index), name="V", amount=amount) for index, amount in enumerate(amounts)
    )
    before = left(priced(basket, book, Shopper()))
    after = left(priced(basket, book, Shopper(vouchers=presented)))
    assert after == max(0, before - sum(amounts))


@some
@given(baskets, books(singles=0, sets=None, members=False), st.sampled_from(GTINS), regulars)
def test_without_promotions_another_item_never_lowers_what_is_owed(basket, book, more, shopper):
    before = priced(basket, book, shopper)
    assert priced(together(basket, {more: 1}), book, shopper).owed >= before.owed


@some
@given(baskets, books(sets=one_free), st.sampled_from(GTINS), regulars)
def test_with_percentages_and_one_free_per_set_goods_get_cheaper_by_rounding_only(
    basket, book, more, shopper
):
    """A set that gives one unit free never gives more than what completes it costs."""
    before, after = (
        left(priced(held, book, shopper)) for held in (basket, together(basket, {more: 1}))
    )
    assert after >= before - sum(isinstance(one.offer, PercentOff) for one in book.promotions)


@some
@given(baskets, books(singles=1, sets=None, members=False), st.sampled_from(GTINS), regulars)
def test_with_one_percentage_goods_never_get_cheaper_by_another_item(basket, book, more, shopper):
    before, after = (
        left(priced(held, book, shopper)) for held in (basket, together(basket, {more: 1}))
    )
    assert after >= before


@some
@given(baskets, books(sets=None, weighed=False), st.sampled_from(GTINS), regulars)
def test_with_percentages_and_taxes_less_is_owed_by_rounding_only(basket, book, more, shopper):
    before = priced(basket, book, shopper)
    after = priced(together(basket, {more: 1}), book, shopper)
    assert after.owed >= before.owed - slack(before, book) - slack(after, book)


@some
@given(baskets, baskets, books(singles=0, sets=None, weighed=False, members=False), regulars)
def test_without_promotions_two_visits_save_one_unit_per_shared_product_at_most(
    one, other, book, shopper
):
    whole = priced(together(one, other), book, shopper).owed
    parts = priced(one, book, shopper).owed + priced(other, book, shopper).owed
    assert parts >= whole - len(one.keys() & other.keys())


@some
@given(baskets, baskets, books(sets=None, weighed=False), regulars)
def test_with_percentages_two_visits_save_rounding_at_most(one, other, book, shopper):
    whole, *parts = (priced(held, book, shopper) for held in (together(one, other), one, other))
    bound = sum(slack(basket, book) for basket in (whole, *parts))
    assert sum(part.owed for part in parts) >= whole.owed - bound


@some
@given(baskets, baskets, books(weighed=False), regulars)
def test_with_sets_two_visits_never_save_more_than_rounding_of_goods(one, other, book, shopper):
    whole, *parts = (
        left(priced(held, book, shopper)) for held in (together(one, other), one, other)
    )
    assert sum(parts) >= whole - 1.5 * len(book.promotions)


@some
@given(baskets, books(), st.sampled_from([lambda member: member, lambda member: not member]))
def test_members_never_pay_more_for_goods_than_others_but_for_rounding(
    basket, book, who: Callable[[bool], bool]
):
    member, other = (left(priced(basket, book, Shopper(member=one))) for one in (True, False))
    assert member <= other + sum(isinstance(one.offer, PercentOff) for one in book.promotions)
