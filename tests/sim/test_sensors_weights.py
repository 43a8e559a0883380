import msgspec
import numpy as np
import pytest

from sim.faults import DeadCells, DriftingShelf
from sim.scene import Contact, Footstep, Load, Scene
from sim.sensors import CameraPlan, SensorPlan, WeightsPlan, play
from store_engine.messages import ShelfWeights
from store_engine.units import PlateId
from tests.sim.sensor_fixtures import CELLS, START_US, Statue, tiny_scene, tiny_store

PLATE, NEIGHBOUR, SHELF_BELOW = PlateId("1-2-2"), PlateId("1-2-3"), PlateId("1-1-2")
QUIET = WeightsPlan(noise_g=(0.3, 0.5), drift_g=0.0, step_swing_g=(1.0, 1.1))


def batches(scene: Scene, *, plan: WeightsPlan = QUIET, faults=(), seed=1, cameras=False):
    sensors = SensorPlan(weights=plan, cameras=CameraPlan() if cameras else None, tracker=None)
    heard = play(scene, tiny_store(), sensors=sensors, faults=faults, seed=seed)
    payloads = [raw.payload for raw in heard if raw.topic.endswith("/weights")]
    return [msgspec.json.decode(payload, type=ShelfWeights) for payload in payloads]


def readings(scene: Scene, **options) -> np.ndarray:
    """(n, cells) grams, NaN where absent; row k is about k / 60 seconds into the session."""
    rows = [row for batch in batches(scene, **options) for row in batch.samples]
    return np.array(rows, dtype=float)


def level(grams: np.ndarray, plate: PlateId, from_s: float, to_s: float) -> float:
    return float(np.median(grams[round(from_s * 60) : round(to_s * 60), CELLS.index(plate)]))


def swing(grams: np.ndarray, from_s: float, to_s: float) -> float:
    """Largest excursion of any plate from its median, grams."""
    part = grams[round(from_s * 60) : round(to_s * 60)][:, [c is not None for c in CELLS]]
    return float(np.abs(part - np.median(part, axis=0)).max())


def test_a_batch_is_twelve_samples_and_the_next_begins_where_it_ended():
    first, second, *_ = batches(tiny_scene())
    assert len(first.samples) == 12
    assert second.time_us - first.time_us == 200_000
    assert second.sequence == first.sequence + 1


def test_a_batch_arrives_after_its_last_sample_was_taken():
    sensors = SensorPlan(cameras=None, tracker=None)
    for raw in play(tiny_scene(), tiny_store(), sensors=sensors, seed=1):
        if raw.topic.endswith("/weights"):
            batch = msgspec.json.decode(raw.payload, type=ShelfWeights)
            assert 10_000 <= raw.received_us - (batch.time_us + 200_000) <= 100_000


def test_cells_come_in_the_order_of_the_map_and_absent_ones_are_null():
    absent = [plate is None for plate in CELLS]
    for batch in batches(tiny_scene()):
        assert all([cell is None for cell in row] == absent for row in batch.samples)


@pytest.mark.parametrize("change_g", [-500.0, 500.0, -20.0])
def test_a_load_changes_the_level_of_its_plate_by_its_mass(change_g):
    grams = readings(tiny_scene(loads=(Load(PLATE, 5.0, 5.2, change_g),)))
    assert level(grams, PLATE, 7, 9) - level(grams, PLATE, 2, 4) == pytest.approx(change_g, abs=0.5)


def test_a_load_leaks_onto_its_neighbour_within_the_stated_share():
    grams = readings(tiny_scene(loads=(Load(PLATE, 5.0, 5.2, -5000.0),)))
    leaked = level(grams, NEIGHBOUR, 7, 9) - level(grams, NEIGHBOUR, 2, 4)
    assert -0.016 * 5000 - 0.5 <= leaked <= 0.005 * 5000 + 0.5
    assert abs(leaked) > 1.0


def test_goods_put_down_ring_and_settle():
    grams = readings(tiny_scene(loads=(Load(PLATE, 5.0, 5.1, 1000.0),)))[:, CELLS.index(PLATE)]
    settled = np.median(grams[7 * 60 : 9 * 60])
    assert np.max(grams[5 * 60 : 6 * 60] - settled) > 30.0
    assert np.ptp(grams[7 * 60 : 9 * 60]) < 10.0


def test_a_resting_hand_weighs_while_it_rests_and_leaves_nothing():
    grams = readings(tiny_scene(contacts=(Contact(PLATE, 4.0, 6.0, 300.0, "rest"),)))
    before = level(grams, PLATE, 1, 3)
    assert level(grams, PLATE, 4.6, 5.6) - before == pytest.approx(300.0, rel=0.25)
    assert level(grams, PLATE, 8, 10) == pytest.approx(before, abs=0.5)


def test_a_hand_on_one_plate_shakes_the_others_of_its_shelf_only():
    scene = tiny_scene(contacts=(Contact(PLATE, 4.0, 5.0, 2000.0, "bump"),))
    shaken = readings(scene) - readings(tiny_scene())
    column = CELLS.index(NEIGHBOUR)
    assert np.abs(shaken[4 * 60 : 6 * 60, column]).max() > 10.0
    assert np.abs(shaken[:, CELLS.index(SHELF_BELOW)]).max() == 0.0


def test_steps_nearby_swing_a_flexible_shelf_and_change_no_level():
    near = tuple(Footstep(5.0 + 0.5 * k, (0.2, 1.4), 1.0) for k in range(6))
    plan = QUIET.model_copy(update={"step_swing_g": (30.0, 31.0)})
    grams = readings(tiny_scene(footsteps=near), plan=plan)
    assert swing(grams, 5, 8) > 15.0 > swing(grams, 1, 4)
    assert level(grams, PLATE, 11, 13) == pytest.approx(level(grams, PLATE, 1, 4), abs=1.0)


def test_steps_far_away_hardly_matter():
    plan = QUIET.model_copy(update={"step_swing_g": (30.0, 31.0)})
    far = (Footstep(5.0, (0.2, -9.0), 1.0),)
    shaken = readings(tiny_scene(footsteps=far), plan=plan) - readings(tiny_scene(), plan=plan)
    assert np.nanmax(np.abs(shaken)) < 2.0


@pytest.mark.parametrize("seed", range(5))
def test_the_noise_of_an_untouched_plate_stays_in_the_measured_range(seed):
    grams = readings(tiny_scene(), plan=WeightsPlan(drift_g=0.0), seed=seed)
    sd = np.std(grams[:, [plate is not None for plate in CELLS]], axis=0)
    assert (sd > 0.2).all()
    assert (sd < 8.2).all()


def test_a_plate_never_carries_more_than_it_is_rated_for():
    overload = tiny_scene(loads=(Load(PLATE, 5.0, 5.2, 50_000.0),))
    grams = readings(overload, plan=QUIET)
    assert level(grams, PLATE, 7, 9) - level(grams, PLATE, 2, 4) == pytest.approx(18_000, abs=2)


def test_a_drifting_shelf_creeps_and_the_others_do_not():
    drift = DriftingShelf(shelf="1-2", g_per_min=600.0, from_s=2.0)
    grams = readings(tiny_scene(), faults=[drift]) - readings(tiny_scene())
    crept = grams[12 * 60, CELLS.index(PLATE)]
    assert 30.0 < crept < 200.0
    assert np.all(grams[:, CELLS.index(SHELF_BELOW)] == 0.0)


def test_dead_cells_read_null_for_as_long_as_they_are_dead():
    grams = readings(tiny_scene(), faults=[DeadCells(shelf="1-1", from_s=3.0, until_s=6.0)])
    dead = np.isnan(grams[:, CELLS.index(SHELF_BELOW)])
    assert 170 <= dead.sum() <= 190
    assert not np.isnan(grams[:, CELLS.index(PLATE)]).any()


def test_a_camera_more_changes_nothing_on_a_shelf():
    scene = tiny_scene(people=(Statue(),), loads=(Load(PLATE, 5.0, 5.2, -100.0),))
    assert np.array_equal(readings(scene), readings(scene, cameras=True), equal_nan=True)


def test_the_first_sample_is_taken_within_one_batch_of_the_start():
    assert 0 <= batches(tiny_scene())[0].time_us - START_US < 200_000
