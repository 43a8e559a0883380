"""Ways of taking that only scripts ask for: slowly, weighed first, with both hands, in a hurry."""

import pytest
from acting import (
    AT_HAND_M,
    JUICE,
    TEA,
    alone,
    done,
    hand_gaps_m,
    hand_is_there,
    main_load,
    moved_g,
    owed,
)


def test_a_slow_lift_takes_as_long_as_the_script_says_and_the_hand_stays() -> None:
    scene = alone({"do": "take", "gtin": TEA, "slow_s": 9.0})
    (take,) = done(scene, "take")
    assert all(load.end_s - load.start_s == pytest.approx(9.0) for load in scene.loads)
    assert all(hand_is_there(scene, take, scene.loads[0].start_s + t) for t in (0.0, 4.0, 8.0))


def test_what_is_weighed_in_the_hand_leaves_only_afterwards() -> None:
    scene = alone({"do": "take", "plate": "1-4-2", "held_s": 12.0})
    (take,) = done(scene, "take")
    lift = main_load(scene, take)
    held = [c for c in scene.contacts if c.plate == lift.plate and c.kind in ("held", "clear")]
    assert max(c.end_s for c in held) < lift.start_s < min(c.start_s for c in held) + 13.0
    assert lift.start_s - min(c.start_s for c in scene.contacts) > 12.0


def test_a_hand_that_weighs_something_carries_between_nothing_and_all_of_it() -> None:
    scene = alone({"do": "take", "gtin": TEA, "held_s": 25.0})
    (take,) = done(scene, "take")
    mass_g = -main_load(scene, take).change_g
    plate = main_load(scene, take).plate
    held = [c for c in scene.contacts if c.plate == plate and c.kind in ("held", "clear")]
    shares = [-c.force_g / mass_g for c in held]
    assert len(shares) > 5
    assert 0.0 < min(shares) < 0.5 < max(shares) <= 1.0 + 1e-9


def test_the_hand_stays_on_what_it_weighs() -> None:
    scene = alone({"do": "take", "gtin": TEA, "held_s": 10.0})
    (take,) = done(scene, "take")
    assert all(hand_is_there(scene, take, take.time_s - ago_s) for ago_s in (9.0, 6.0, 3.0, 0.5))


def test_two_hands_take_two_neighbours_at_the_same_moment() -> None:
    scene = alone({"do": "take", "gtin": TEA, "also": JUICE})
    one, two = done(scene, "take")
    assert {one.gtin, two.gtin} == {TEA, JUICE}
    assert abs(main_load(scene, one).start_s - main_load(scene, two).start_s) < 0.15
    assert owed(scene) == [{TEA: 1, JUICE: 1}]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_of_two_hands_is_at_its_own_plate(seed: int) -> None:
    scene = alone({"do": "take", "gtin": TEA, "also": JUICE}, seed=seed)
    loads = [main_load(scene, take) for take in done(scene, "take")]
    one, two = (hand_gaps_m(scene, "ann", load.plate, load.start_s) for load in loads)
    assert min(max(one[0], two[1]), max(one[1], two[0])) < AT_HAND_M


def test_a_large_grab_is_one_grip_of_neighbours() -> None:
    scene = alone({"do": "take", "gtin": TEA, "quantity": 6, "together": True})
    (take,) = done(scene, "take")
    assert take.quantity == 6
    assert len({load.start_s for load in scene.loads}) == 1
    assert owed(scene) == [{TEA: 6}]


def test_many_units_go_one_by_one_and_quicker_without_a_pause() -> None:
    def gap_s(**how: bool) -> float:
        times = [a.time_s for a in done(alone(step | how), "take")]
        assert len(times) == 5
        return (times[-1] - times[0]) / 4

    step = {"do": "take", "gtin": TEA, "quantity": 5}
    assert gap_s(quick=True) < 0.8 * gap_s()


def test_a_script_reaches_behind_what_somebody_put_in_front() -> None:
    strays = [
        {"do": "take", "gtin": JUICE, "quantity": 8},
        *[{"do": "misplace", "gtin": JUICE, "plate": "1-4-2"}] * 8,
    ]
    scene = alone(*strays, {"do": "take", "gtin": TEA, "plate": "1-4-2"})
    assert owed(scene) == [{TEA: 1}]


def test_all_that_was_taken_has_left_the_plates() -> None:
    step = {"do": "take", "gtin": TEA, "also": JUICE, "slow_s": 2.0, "held_s": 3.0, "quantity": 2}
    scene = alone(step, {"do": "return", "gtin": JUICE}, *[{"do": "return", "gtin": TEA}] * 2)
    assert moved_g(scene, sign=1) == pytest.approx(-moved_g(scene, sign=-1))
    assert owed(scene) == [{}]
