import itertools

import msgspec
import numpy as np
import pytest

from sim.sensors import SensorPlan, TrackerPlan, play
from store_engine.messages import TrackedPeople
from tests.sim.sensor_fixtures import START_US, Statue, tiny_scene, tiny_store

PERFECT = TrackerPlan(
    slow_noise_m=0.0, white_noise_m=0.0, wrist_dropout=0.0, person_dropout=0.0,
    id_changes_per_min=0.0,
)  # fmt: skip


def followed(*people: Statue, plan: TrackerPlan = PERFECT, seed: int = 1) -> list[TrackedPeople]:
    sensors = SensorPlan(weights=None, cameras=None, tracker=plan)
    heard = play(tiny_scene(people=people), tiny_store(), sensors=sensors, seed=seed)
    payloads = [raw.payload for raw in heard if raw.topic.endswith("/people")]
    return [msgspec.json.decode(payload, type=TrackedPeople) for payload in payloads]


def here(found: list[TrackedPeople]) -> list[TrackedPeople]:
    """Messages from while the people are there."""
    return [message for message in found if message.time_us < START_US + 10_000_000]


def test_a_flawless_tracker_knows_head_neck_and_wrists():
    for message in here(followed(Statue(x=1.0))):
        (person,) = message.people
        assert person.neck.at == (1.0, 1.0, 1.48)
        assert person.left_wrist.at == (1.25, 1.0, 0.9)
        assert person.right_wrist.at == (0.75, 1.0, 0.9)
        assert 1.6 < person.head.at[2] < 1.7


def test_positions_scatter_by_two_to_three_centimetres():
    plan = TrackerPlan(wrist_dropout=0.0, person_dropout=0.0)
    necks = [
        message.people[0].neck.at
        for seed in range(6)
        for message in here(followed(Statue(), plan=plan, seed=seed))
    ]
    assert (np.std(necks, axis=0) > 0.01).all()
    assert (np.std(necks, axis=0) < 0.04).all()


def test_wrists_drop_out_in_bursts_for_the_stated_share_of_time():
    plan = PERFECT.model_copy(update={"wrist_dropout": 0.3})
    lost = [
        m.people[0].left_wrist is None
        for s in range(10)
        for m in here(followed(Statue(), plan=plan, seed=s))
    ]
    starts = sum(1 for before, now in itertools.pairwise(lost) if now and not before)
    assert np.mean(lost) == pytest.approx(0.3, abs=0.1)
    assert 2.5 < sum(lost) / starts < 10.0


def test_a_person_keeps_one_track_unless_the_tracker_loses_them():
    assert {m.people[0].track for m in here(followed(Statue()))} == {"t1-0"}
    plan = PERFECT.model_copy(update={"id_changes_per_min": 30.0})
    assert len({m.people[0].track for m in here(followed(Statue(), plan=plan))}) > 1


def test_nobody_is_followed_after_they_left():
    assert all(not m.people for m in followed(Statue()) if m.time_us > START_US + 10_100_000)


def test_two_people_have_two_tracks():
    (first, *_) = followed(Statue(), Statue(person="bob", x=2.0))
    assert len({person.track for person in first.people}) == 2
