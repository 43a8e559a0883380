import math

import msgspec
import numpy as np
import pytest

from benchmarks.endurance.day import QUIET_S, RATES, plan, scenario_of
from benchmarks.endurance.growth import Reading, slope, trends
from benchmarks.endurance.pieces import continued, levels_of, shifted, shifts_between
from store_engine.messages import ShelfWeights
from store_engine.ports import RawArrival


def reading(hour: float, *, rss_mb: float = 100.0, attribution_kb: float = 50.0) -> Reading:
    return Reading(
        hour=hour, people=10, messages=1, rss_mb=rss_mb, cpu_s=1.0, worst_handle_ms=1.0,
        worst_lag_s=0.0, f1=1.0, snapshot_kb={"shelves": 300.0, "attribution": attribution_kb},
    )  # fmt: skip


def test_a_day_is_as_long_as_asked_and_follows_the_hours():
    pieces = plan(hours=12.0, piece_minutes=15.0)
    assert sum(piece.length_s for piece in pieces) == 12 * 3600
    assert [piece.rate_per_minute for piece in pieces[::4]] == list(RATES)


def test_every_piece_is_another_life_of_the_devices():
    boots = [piece.number for piece in plan(hours=3.0, piece_minutes=10.0)]
    assert boots == list(range(18))


def test_nobody_comes_in_the_quiet_stretch_or_too_late_to_leave_in_time():
    (piece,) = plan(hours=0.25, piece_minutes=15.0)
    scenario = scenario_of(piece, start_us=0)
    assert scenario.lead_s == QUIET_S
    assert scenario.lead_s + (scenario.arrivals_for_s or math.inf) < piece.length_s


def test_plates_go_on_from_where_they_were_and_dead_cells_stay_dead():
    assert shifted(((1.0, None), (2.5, None)), np.array([10.0, np.nan])) == (
        (11.0, None),
        (12.5, None),
    )


def test_what_grows_is_found_and_what_does_not_is_flat():
    day = [reading(h / 2, attribution_kb=50.0 + 8.0 * h) for h in range(1, 9)]
    found = {one.name.strip(): one.per_hour for one in trends(day)}
    assert found["attribution, KB"] == pytest.approx(16.0)
    assert found["memory, MB"] == found["shelves, KB"] == 0.0


def test_the_first_hour_fills_caches_and_is_no_trend():
    day = [reading(0.5, rss_mb=60.0), *(reading(h / 2) for h in range(2, 8))]
    assert trends(day)[0].per_hour == 0.0


def test_one_busy_half_hour_does_not_tilt_the_trend():
    points = [(float(h), 100.0) for h in range(10)]
    points[8] = (8.0, 500.0)
    assert slope(points) == 0.0
    assert slope(points[:2]) is None


def weights(sequence: int, *rows: tuple[float | None, ...]) -> tuple[RawArrival, ShelfWeights]:
    message = ShelfWeights(
        device="gondola-1", sequence=sequence, time_us=sequence, rate_hz=60.0, samples=rows
    )
    return RawArrival(sequence, "stores/s/shelves/gondola-1/weights", b""), message


def test_a_continued_piece_starts_at_the_level_where_the_one_before_ended():
    before, after = [weights(0, (10.0, 5.0), (12.0, 5.0))], [weights(0, (-300.0, 80.0))]
    shifts = shifts_between(levels_of(before, last=True), levels_of(after, last=False))
    (raw,) = continued(after, shifts, boot=3)
    message = msgspec.json.decode(raw.payload, type=ShelfWeights)
    assert (message.boot, message.samples) == (3, ((11.0, 5.0),))


def test_the_level_at_an_end_is_that_of_its_last_second():
    heard = [weights(n, *([(0.0 if n < 2 else 7.0,)] * 60)) for n in range(3)]
    assert levels_of(heard, last=True)["gondola-1"] == pytest.approx([7.0])
    assert levels_of(heard, last=False)["gondola-1"] == pytest.approx([0.0])
