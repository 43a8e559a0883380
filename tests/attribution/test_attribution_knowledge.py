"""What settled visits teach: true masses, what lies where, and when the shopkeeper is told."""

import msgspec
import pytest
from attribution_shop import (
    POLICY,
    Story,
    cart,
    finals,
    hear,
    heard_us,
    new_room,
    posterior,
    run,
    shop_catalog,
    shop_map,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from store_engine.attribution import Attribution
from store_engine.attribution.mass import by_catalog
from store_engine.attribution.planogram import Planogram
from store_engine.attribution.weighings import (
    Weighing,
    Weighings,
    believed,
    is_wrong,
    remembered,
    weighings,
)
from store_engine.signals import CartBelief
from store_engine.store import Policy
from store_engine.units import Gtin, PlateId

JAM = shop_catalog().products[Gtin("jam")]


def days(plate: str, masses_g: list[float], room: Attribution) -> list[CartBelief]:
    """One visitor after the other takes one piece of that mass from a plate."""
    found = []
    for at, mass_g in enumerate(masses_g):
        start_s, track, visit = 20.0 * at, f"t{at}", f"v{at}"
        story = Story().enters(track, visit, start_s).takes(track, plate, start_s + 5, mass_g)
        found.append(finals(run(story.leaves(visit, start_s + 9), room))[visit])
    return found


# ---- masses ----------------------------------------------------------------------------------


def test_a_wrong_catalog_mass_stops_hurting() -> None:
    told = days("C4", [520.0, 521.0, 519.0], new_room())
    assert [cart(belief) for belief in told] == [{"jam": 1}] * 3
    assert posterior(told[2], "jam") > max(0.99, posterior(told[0], "jam"))


def test_a_wrong_catalog_mass_is_told_once_with_its_evidence() -> None:
    room = new_room()
    days("C4", [520.0, 521.0, 519.0, 520.0], room)
    (doubt,) = room.take_doubts()
    assert (doubt.kind, doubt.gtin, doubt.plate) == ("catalog_mass", "jam", "C4")
    assert doubt.expected_g == 621.0
    assert doubt.found_g == pytest.approx(520.0, abs=2.0)
    assert doubt.causes == ("shelf-C/0/5.00", "shelf-C/0/25.00")
    assert room.take_doubts() == []


def test_one_visit_alone_raises_no_doubt() -> None:
    room = new_room()
    story = Story().enters("t", "v").takes("t", "C4", 5.0, 520.0).takes("t", "C4", 8.0, 520.0)
    run(story.takes("t", "C5", 11.0, 521.0).leaves("v", 15.0), room)
    assert room.take_doubts() == []


def test_right_masses_raise_no_doubt() -> None:
    room = new_room()
    days("C4", [624.0, 619.0, 621.0, 622.0, 618.0], room)
    assert room.take_doubts() == []


off_g = st.floats(-80.0, 80.0)


@given(offs=st.lists(off_g, min_size=1, max_size=12))
def test_what_is_believed_lies_between_catalog_and_scales(offs: list[float]) -> None:
    known = Weighings()
    for off in offs:
        known = remembered(known, weighings(Weighing(off, 2.0, 1, 1.0), JAM))
    believed_g = believed(known, JAM).mean_g - JAM.mass_g
    grid_g = believed(known, JAM).error_g2 ** 0.5
    assert min(0.0, known.off_g) - grid_g <= believed_g <= max(0.0, known.off_g) + grid_g
    assert min(offs) - 1e-6 <= known.off_g <= max(offs) + 1e-6


@given(off=off_g, count=st.integers(1, 20))
def test_more_of_the_same_leaves_less_doubt(off: float, count: int) -> None:
    def after(pieces: int) -> Weighings:
        known = Weighings()
        for _ in range(pieces):
            known = remembered(known, weighings(Weighing(off, 2.0, 1, 1.0), JAM))
        return known

    few, many = believed(after(count), JAM), believed(after(count + 1), JAM)
    assert many.error_g2 <= few.error_g2
    assert many.wrong <= few.wrong


@given(off=off_g, var=st.floats(0.5, 50.0), pieces=st.integers(1, 8))
def test_what_was_learned_can_be_left_out_again(off: float, var: float, pieces: int) -> None:
    first = weighings(Weighing(3.0, 2.0, 1, 1.0), JAM)
    second = weighings(Weighing(off, var, pieces, 0.8), JAM)
    assert first.plus(second).plus(second, -1.0) == pytest.approx(first)


def test_unseen_products_weigh_what_the_catalog_says() -> None:
    assert believed(Weighings(), JAM) == by_catalog(JAM)
    assert is_wrong(Weighings(), JAM) == pytest.approx(0.03)


def test_other_stock_is_learned_soon_after_years_of_the_old() -> None:
    known = Weighings()
    for off in [0.0] * 50 + [90.0] * 4:
        known = remembered(known, weighings(Weighing(off, 2.0, 1, 1.0), JAM))
    assert known.off_g > 80.0


# ---- contents --------------------------------------------------------------------------------


def test_the_first_piece_that_may_be_two_things_is_not_charged() -> None:
    (told,) = days("C4", [530.0], new_room())  # jam with a wrong mass, or cola in its place?
    assert all(line.posterior < POLICY.charge_above for line in told.lines)


def test_a_heavy_product_in_a_light_ones_place_is_believed_and_told() -> None:
    room = new_room()
    told = days("A6", [621.0, 620.0, 622.0], room)
    assert [cart(belief) for belief in told[1:]] == [{"jam": 1}] * 2
    assert posterior(told[2], "jam") > 0.99
    (doubt,) = room.take_doubts()
    assert (doubt.kind, doubt.gtin, doubt.plate) == ("planogram", "jam", "A6")
    assert doubt.listed == ("gum",)


def test_two_takes_of_one_visit_speak_for_each_other() -> None:
    story = Story().enters("t", "v").takes("t", "A6", 5.0, 621.0)
    once = finals(run(story.leaves("v", 15.0)))["v"]
    story = Story().enters("t", "v").takes("t", "A6", 5.0, 621.0).takes("t", "A7", 8.0, 620.0)
    twice = finals(run(story.leaves("v", 15.0)))["v"]
    assert posterior(twice, "jam") > posterior(once, "jam")


def test_a_step_is_never_its_own_witness() -> None:
    story = Story().enters("t", "v").takes("t", "A6", 5.0, 621.0).leaves("v", 15.0)
    learned, fixed = (finals(run(story, room))["v"] for room in (new_room(), unteachable()))
    assert learned == fixed


def test_somebody_elses_takes_of_listed_goods_change_no_place() -> None:
    room = new_room()
    days("C4", [621.0] * 4, room)
    assert room._goods.knowledge.outlook(PlateId("C4")).as_listed == 1.0
    assert room._goods.knowledge.outlook(PlateId("C4")).instead == {}


def test_a_product_left_in_a_wrong_place_does_not_change_the_planogram() -> None:
    room = new_room()
    story = Story().enters("t", "v").takes("t", "C4", 5.0, 620.0).returns("t", "A6", 10.0, 620.0)
    story.takes("t", "A6", 15.0, 620.0)
    run(story.leaves("v", 20.0), room)
    assert room._goods.knowledge.outlook(PlateId("A6")).instead == {}


# ---- laws ------------------------------------------------------------------------------------


def unteachable() -> Attribution:
    room = new_room()
    room._goods.learns = False
    return room


@st.composite
def crowded(draw: st.DrawFn) -> Story:
    """Several visitors whose takes and exits overlap, some of goods that are not as listed."""
    story = Story()
    for at in range(draw(st.integers(2, 4))):
        track, visit = f"t{at}", f"v{at}"
        start_s = 3.0 * at
        story.enters(track, visit, start_s)
        for take in range(draw(st.integers(1, 2))):
            plate = draw(st.sampled_from(("A6", "C4")))
            mass_g = draw(st.sampled_from((530.0, 621.0, 30.0)))
            story.takes(track, plate, start_s + 5.0 + 2.0 * take, mass_g)
        story.leaves(visit, start_s + draw(st.sampled_from((9.0, 12.0, 15.0))))
    return story


@settings(max_examples=40, deadline=None)
@given(story=crowded(), lag=st.integers(1, 60))
def test_how_far_one_lane_lags_behind_changes_no_cart(story: Story, lag: int) -> None:
    assert finals(hear_lagging(story, lag)) == finals(run(story))


def hear_lagging(story: Story, lag: int) -> list[CartBelief]:
    """Hear people `lag` signals at a time before the shelves of that time."""
    room, found = new_room(), list[CartBelief]()
    people, shelves = story.ordered()
    while people or shelves:
        batch, people = people[:lag], people[lag:]
        until_us = heard_us(batch[-1]) if batch else 10**12
        for signal in batch:
            room.pass_time(people_us=heard_us(signal) - 1, shelves_us=0)
            found += hear(room, signal)
        while shelves and heard_us(shelves[0]) <= until_us:
            time_us = heard_us(shelves[0]) - 1
            found += room.pass_time(people_us=0, shelves_us=time_us)
            found += hear(room, shelves.pop(0))
    return found + room.pass_time(people_us=10**8, shelves_us=10**8)


@settings(max_examples=25, deadline=None)
@given(story=crowded(), cut=st.floats(0.0, 1.0))
def test_a_restored_room_knows_the_same(story: Story, cut: float) -> None:
    people, shelves = story.ordered()
    signals = sorted([*people, *shelves], key=heard_us)
    rooms = [new_room(), new_room()]
    for at, signal in enumerate(signals):
        if at == round(cut * len(signals)):
            rooms[1].restore(msgspec.msgpack.decode(msgspec.msgpack.encode(rooms[0].snapshot())))
        told = []
        for room in rooms:
            time_us = heard_us(signal) - 1
            told.append(room.pass_time(people_us=time_us, shelves_us=time_us) + hear(room, signal))
        assert told[0] == told[1]
    assert rooms[0].snapshot() == rooms[1].snapshot()


def test_nothing_is_learned_where_the_policy_says_so() -> None:
    room = Attribution(shop_map(), shop_catalog(), Policy())
    room._goods.learns = False
    days("A6", [621.0] * 4, room)
    assert room._goods.knowledge.snapshot() == new_room()._goods.knowledge.snapshot()
    assert room.take_doubts() == []


def test_memory_of_single_steps_is_given_back() -> None:
    room = new_room()
    days("C4", [621.0 + at % 3 for at in range(12)], room)
    known = room.snapshot()["goods"]["knowledge"]
    assert len(known["taught"]) <= 5
    assert len(known["contents"]) == 1


def test_a_place_is_a_run_of_plates_with_the_same_goods() -> None:
    planogram = Planogram(shop_map(), shop_catalog())
    places = [planogram.place[PlateId(f"A{at}")] for at in range(8)]
    assert places == ["A0", "A0", "A2", "A2", "A4", "A5", "A6", "A6"]
