import itertools

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.faults import parse_faults
from sim.scene import Load, Pass, Scan
from sim.sensors import GatePlan, SensorPlan, play
from store_engine.intake import FrontDoor
from store_engine.messages import Arrival, DeviceStatus, GateCrossing, GateScan, Tick
from store_engine.units import GateId, PlateId
from tests.sim.sensor_fixtures import COLA, START_US, Statue, tiny_scene, tiny_store

GATE = GateId("gate-1")
STORE = tiny_store()
SCENE = tiny_scene(
    people=(Statue(held=(COLA,), left_s=3.0), Statue(person="bob", x=0.3, left_s=2.0)),
    loads=(Load(PlateId("1-1-2"), 1.0, 1.2, -500.0),),
    scans=(Scan(GATE, 0.5, "pass-1"),),
    passes=(Pass(GATE, 1.0, "in", "ann", (0.1, -3.0)),),
)
FAULTS = st.sampled_from(
    [
        {"kind": "dead_camera", "device": "camera-1", "from_s": 1.0, "until_s": 2.0},
        {"kind": "dropped_batches", "rate": 0.2},
        {"kind": "duplicates", "rate": 0.2},
        {"kind": "reordering", "rate": 0.2},
        {"kind": "garbage", "rate": 0.2},
        {"kind": "late", "device": "shelf-1", "delay_ms": 700.0},
        {"kind": "clock_skew", "device": "camera-1", "offset_s": -3.0, "drift_ppm": 50.0},
        {"kind": "device_reboot", "device": "tracker-1", "at_s": 1.5, "down_s": 0.5},
    ]
)


def heard(sensors: SensorPlan | None = None, faults=(), seed: int = 1) -> list[Arrival]:
    door = FrontDoor(STORE)
    raw = play(SCENE, STORE, sensors=sensors or SensorPlan(), faults=faults, seed=seed)
    accepted = [door.accept(one) for one in raw]
    assert all(isinstance(one, Arrival) for one in accepted)
    return accepted


def test_everything_a_healthy_store_says_is_let_in_by_the_front_door():
    assert len(heard()) > 200


@settings(max_examples=15, deadline=None)
@given(wanted=st.lists(FAULTS, max_size=4), seed=st.integers(0, 3))
def test_the_same_seed_gives_the_same_bytes_in_order_of_arrival(wanted, seed):
    faults = parse_faults(wanted)
    once, again = (
        list(play(SCENE, STORE, sensors=SensorPlan(), faults=faults, seed=seed)) for _ in range(2)
    )
    assert once == again
    times = [raw.received_us for raw in once]
    assert times == sorted(times)


def test_another_seed_gives_another_session():
    assert heard(seed=1) != heard(seed=2)


def test_every_device_says_it_is_online_before_anything_else():
    first = {}
    for arrival in heard():
        first.setdefault(arrival.message.device, arrival.message)
    ticks = first.pop("clock")
    assert isinstance(ticks, Tick)
    assert set(first) == set(STORE.map.devices)
    assert all(isinstance(m, DeviceStatus) and m.state == "online" for m in first.values())


def test_a_device_counts_its_messages_one_by_one():
    by_device: dict[str, list[int]] = {}
    for arrival in heard():
        by_device.setdefault(arrival.message.device, []).append(arrival.message.sequence)
    for sequences in by_device.values():
        assert sequences == list(range(sequences[0], sequences[0] + len(sequences)))


def test_ticks_come_ten_times_a_second_and_outlast_everything_else():
    arrivals = heard()
    ticks = [a.received_us for a in arrivals if isinstance(a.message, Tick)]
    assert ticks[0] == START_US + 100_000
    assert {later - tick for tick, later in itertools.pairwise(ticks)} == {100_000}
    assert isinstance(arrivals[-1].message, Tick)
    assert ticks[-1] >= START_US + 3_000_000 + 4_900_000


def test_nothing_arrives_before_it_happened():
    assert all(arrival.received_us >= arrival.message.time_us for arrival in heard())


def test_a_gate_tells_of_scans_and_crossings_and_not_of_places():
    gate = [a.message for a in heard() if a.message.device == GATE]
    scan, crossing = (m for m in gate if not isinstance(m, DeviceStatus))
    assert isinstance(scan, GateScan)
    assert scan.credential == "pass-1"
    assert isinstance(crossing, GateCrossing)
    assert (crossing.direction, crossing.position) == ("in", None)


def test_a_gate_that_can_tell_says_where_somebody_passed():
    arrivals = heard(SensorPlan(gates=GatePlan(position=True)))
    (crossing,) = (a.message for a in arrivals if isinstance(a.message, GateCrossing))
    assert crossing.position == pytest.approx((0.1, -3.0), abs=0.25)


def test_sensors_that_are_not_fitted_say_nothing():
    none = SensorPlan(weights=None, cameras=None, tracker=None)
    assert {arrival.message.device for arrival in heard(none)} == {GATE, "clock"}


def test_numbers_are_written_short():
    raw = play(SCENE, STORE, sensors=SensorPlan(), seed=1)
    weights = next(one.payload for one in raw if one.topic.endswith("/weights"))
    cells = [cell for row in msgspec.json.decode(weights)["samples"] for cell in row]
    assert all(cell is None or cell == round(cell, 1) for cell in cells)
