import re

import pytest

from sim.faults import parse_faults
from sim.scene import Scene
from sim.sensors import SensorPlan, play
from store_engine.errors import ConfigError
from store_engine.intake import FrontDoor, Refusal
from store_engine.messages import DeviceStatus, Heard
from tests.sim.sensor_fixtures import START_US, Statue, tiny_scene, tiny_store

STORE = tiny_store()
SCENE = tiny_scene(people=(Statue(),))


def outcomes(*faults: dict[str, object], scene: Scene = SCENE):
    door = FrontDoor(STORE)
    raw = play(scene, STORE, sensors=SensorPlan(), faults=parse_faults(faults), seed=3)
    return [door.accept(one) for one in raw]


def heard(device: str, *faults: dict[str, object]) -> list[tuple[float, Heard]]:
    """(seconds into the session it arrived, message) of one device."""
    return [
        ((one.received_us - START_US) / 1e6, one.message)
        for one in outcomes(*faults)
        if not isinstance(one, Refusal) and one.message.device == device
    ]


def keys(messages: list[tuple[float, Heard]]) -> list[tuple[int, int]]:
    return [(message.boot, message.sequence) for _, message in messages]


def test_a_dead_camera_falls_silent_and_its_last_will_follows():
    messages = heard("camera-1", {"kind": "dead_camera", "device": "camera-1", "from_s": 3.0})
    (died_s, will) = messages[-1]
    assert isinstance(will, DeviceStatus)
    assert (will.state, will.sequence, will.time_us) == ("offline", 0, START_US)
    assert died_s == pytest.approx(10.5, abs=0.1)  # three seconds, then 1.5 keep-alives
    assert max(at_s for at_s, _ in messages[:-1]) < 3.3


def test_a_device_that_comes_back_starts_a_new_life():
    fault = {"kind": "dead_shelf", "device": "shelf-1", "from_s": 3.0, "until_s": 5.0}
    lives = keys(heard("shelf-1", fault))
    second = [sequence for boot, sequence in lives if boot == 1]
    assert second == list(range(1, len(second) + 1))
    assert {boot for boot, _ in lives} == {0, 1}


def test_a_reboot_is_a_short_silence_and_a_new_boot():
    fault = {"kind": "device_reboot", "device": "tracker-1", "at_s": 4.0, "down_s": 1.0}
    messages = heard("tracker-1", fault)
    assert not [m for at_s, m in messages if 4.3 < at_s < 4.9]
    assert {m.boot for at_s, m in messages if at_s > 5.2} == {1}


def test_lost_messages_leave_a_gap_in_the_sequence():
    healthy = keys(heard("shelf-1"))
    fault = {"kind": "dropped_batches", "device": "shelf-1", "from_s": 3.0, "until_s": 4.0}
    left = keys(heard("shelf-1", fault))
    assert left == [key for key in healthy if key in set(left)]
    assert len(healthy) - len(left) == 5


def test_a_share_of_messages_is_lost_at_random():
    lost = {"kind": "dropped_batches", "rate": 0.3}
    assert len(outcomes(lost)) == pytest.approx(0.7 * len(outcomes()), rel=0.25)


def test_duplicates_repeat_messages_and_lose_none():
    healthy, doubled = (
        keys(heard("camera-1", *faults)) for faults in ((), ({"kind": "duplicates", "rate": 0.3},))
    )
    assert set(healthy) == set(doubled)
    assert len(doubled) == pytest.approx(1.3 * len(healthy), rel=0.15)


def test_reordering_changes_the_order_and_nothing_else():
    fault = {"kind": "reordering", "device": "camera-1", "rate": 0.5, "max_delay_ms": 400.0}
    mixed = keys(heard("camera-1", fault))
    assert mixed != sorted(mixed)
    assert sorted(mixed) == keys(heard("camera-1"))


def test_a_late_device_stays_in_order():
    fault = {"kind": "late", "device": "shelf-1", "delay_ms": 2000.0, "from_s": 2.0, "until_s": 4.0}
    messages = heard("shelf-1", fault)
    assert keys(messages) == sorted(keys(messages))
    delays = {m.sequence: at_s - (m.time_us - START_US) / 1e6 for at_s, m in messages}
    assert max(delays.values()) > 2.1
    assert delays[2] < 0.35


def test_a_skewed_clock_is_wrong_by_its_offset_and_drifts():
    skew = {"kind": "clock_skew", "device": "shelf-1", "offset_s": -3.0, "drift_ppm": 1000.0}
    true = [m.time_us for _, m in heard("shelf-1")]
    wrong = [m.time_us for _, m in heard("shelf-1", skew)]
    assert wrong[0] - true[0] == -3_000_000
    assert wrong[-1] - true[-1] == pytest.approx(-3_000_000 + 13_000, abs=1_500)


def test_a_clock_that_is_set_jumps_once():
    step = {"kind": "clock_step", "device": "camera-1", "at_s": 5.0, "step_s": -2.0}
    true = [m.time_us for _, m in heard("camera-1")]
    wrong = [m.time_us for _, m in heard("camera-1", step)]
    assert {w - t for w, t in zip(wrong, true, strict=True)} == {0, -2_000_000}


def test_garbage_is_refused_and_what_was_said_is_still_heard():
    results = outcomes({"kind": "garbage", "rate": 0.1})
    refused = [one for one in results if isinstance(one, Refusal)]
    assert len(refused) > 20
    assert len(results) - len(refused) == len(outcomes())
    assert len({re.sub(r"\W.*", "", one.reason) for one in refused}) > 2  # several kinds of wrong


def test_garbage_may_replace_what_was_said():
    results = outcomes({"kind": "garbage", "rate": 0.1, "replace": True})
    assert len(results) == len(outcomes())
    assert any(isinstance(one, Refusal) for one in results)


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ({"kind": "gremlins"}, "fault 1: kind: .*gremlins"),
        ({"kind": "late", "device": "shelf-1"}, "fault 1: delay_ms: Field required"),
        ({"kind": "duplicates", "rate": 1.5}, "fault 1: rate: .*less than or equal to 1"),
        ({"kind": "duplicates", "ratio": 0.5}, "fault 1: ratio: Extra inputs"),
        ({"kind": "dead_camera", "device": "camera-9"}, "no device camera-9"),
        ({"kind": "drifting_shelf", "shelf": "9-9"}, "no shelf 9-9"),
    ],
)
def test_a_fault_that_cannot_be_is_named(entry, complaint):
    with pytest.raises(ConfigError, match=complaint):
        outcomes(entry)
