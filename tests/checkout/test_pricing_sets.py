"""The sets that are formed are the best there are, and shares add up."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from store_engine.checkout.pricing_sets import Unit, best_sets
from store_engine.checkout.pricing_shares import share_out
from store_engine.promotions import MultiBuy, PayFewer, SetPrice

prices = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 100)), max_size=6)
offers = st.one_of(
    st.sampled_from([PayFewer(take=take, pay=pay) for take in (2, 3, 4) for pay in range(1, take)]),
    st.builds(SetPrice, take=st.integers(2, 3), price=st.integers(0, 500)),
)


def best_of_all(units: tuple[Unit, ...], offer: MultiBuy) -> int:
    """Try every way to form sets; return the best saving, in millionths."""
    if not units:
        return 0
    first, rest = units[0], units[1:]
    best = first.else_ppm + best_of_all(rest, offer)
    for others in combinations(range(len(rest)), offer.take - 1):
        one_set = [first, *(rest[index] for index in others)]
        remaining = tuple(unit for index, unit in enumerate(rest) if index not in others)
        best = max(best, 1_000_000 * saving_of(one_set, offer) + best_of_all(remaining, offer))
    return best


def saving_of(one_set: list[Unit], offer: MultiBuy) -> int:
    dearest_first = sorted((unit.price for unit in one_set), reverse=True)
    if isinstance(offer, PayFewer):
        return sum(dearest_first[offer.pay :])
    return sum(dearest_first) - offer.price


@given(prices, offers)
def test_no_other_way_to_form_sets_saves_more(goods: list[tuple[int, int]], offer: MultiBuy):
    units = tuple(
        Unit(price, price * percent * 10_000, line) for line, (price, percent) in enumerate(goods)
    )
    sets = best_sets(units, offer)
    outside = sum(unit.else_ppm for unit in set(units) - set(sets.units))
    assert sets.saving * 1_000_000 + outside == best_of_all(units, offer)
    assert len(sets.units) % offer.take == 0


weights = st.dictionaries(st.integers(), st.integers(0, 10_000), min_size=1)


@given(weights, st.integers(0, 1_000_000))
def test_shares_add_up_and_none_is_off_its_proportion_by_a_unit(
    weights: dict[int, int], total_ppm: int
):
    whole = sum(weights.values())
    total = whole * total_ppm // 1_000_000
    shares = share_out(total, weights)
    assert sum(shares.values()) == total
    for key, share in shares.items():
        assert 0 <= share <= weights[key]
        assert abs(share * whole - total * weights[key]) < max(1, whole)
