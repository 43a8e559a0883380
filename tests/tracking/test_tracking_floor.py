import math

import pytest
from tracking_world import shop

from store_engine.tracking.floor import Floor

FLOOR = Floor(shop())


@pytest.mark.parametrize(
    ("place", "held"),
    [
        ((3.0, 2.0), True),
        ((6.3, 2.0), True),  # calibration is not better than that
        ((7.0, 2.0), False),  # behind the wall
        ((-1.5, 2.0), True),  # about to come in
        ((-1.5, -1.5), False),
        ((900.0, 2.0), False),
        ((math.nan, 2.0), False),
    ],
)
def test_people_are_in_the_store_or_at_its_gate(place, held):
    assert FLOOR.holds(*place) == held


def test_beyond_a_gate_is_only_its_outer_side():
    assert FLOOR.at_gate(-0.4, 2.0, within_m=0.0)
    assert not FLOOR.at_gate(0.2, 2.0, within_m=0.0)
    assert FLOOR.at_gate(0.2, 2.0, within_m=0.3)
    assert not FLOOR.at_gate(0.2, 3.9, within_m=0.3)
