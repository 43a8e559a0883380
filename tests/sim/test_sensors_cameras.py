import msgspec
import numpy as np
import pytest

from sim.sensors import CameraPlan, SensorPlan, play
from sim.sensors.projection import project
from store_engine.messages import CameraFrame
from tests.sim.sensor_fixtures import (
    COLA,
    SOUP,
    START_US,
    Statue,
    camera_at,
    tiny_scene,
    tiny_store,
)

PERFECT = CameraPlan(
    dropped_frames=0.0, miss_rate=0.0, pixel_noise=0.0, relative_noise=0.0, box_noise=0.0,
    merge_rate=0.0, ghost_rate=0.0, in_hand_rate=1.0, in_hand_wrong=0.0,
)  # fmt: skip
CAMERA = camera_at(0.0, -3.0, 2.5)
UNTIL_LEFT_US = START_US + 10_000_000


def frames(*people: Statue, plan: CameraPlan = PERFECT, seed: int = 1) -> list[CameraFrame]:
    """Frames of one camera while the people are there."""
    sensors = SensorPlan(weights=None, cameras=plan, tracker=None)
    heard = play(tiny_scene(people=people), tiny_store(), sensors=sensors, seed=seed)
    payloads = [raw.payload for raw in heard if raw.topic.endswith("/frames")]
    decoded = [msgspec.json.decode(payload, type=CameraFrame) for payload in payloads]
    return [frame for frame in decoded if frame.time_us < UNTIL_LEFT_US]


def counts(found: list[CameraFrame]) -> list[int]:
    return [len(frame.people) for frame in found]


def true_pixels(person: Statue) -> np.ndarray:
    return project(CAMERA, person.joints(np.zeros(1))[0, :17]).pixels


def test_frames_come_ten_times_a_second():
    times = np.diff([frame.time_us for frame in frames()])
    assert times == pytest.approx(100_000, abs=1)


def test_a_flawless_camera_sees_every_joint_where_it_is():
    ann = Statue()
    for frame in frames(ann):
        (person,) = frame.people
        assert np.array(person.keypoints)[:, :2] == pytest.approx(true_pixels(ann), abs=0.06)


def test_the_box_holds_all_joints_and_reaches_above_the_head_and_to_the_floor():
    (person,) = frames(Statue())[0].people
    left, top, right, bottom = person.box
    x, y = true_pixels(Statue()).T
    assert left < x.min() < x.max() < right
    assert top < y.min() - 10.0
    assert bottom > y.max()


def test_nobody_is_seen_in_an_empty_store():
    assert set(counts(frames())) == {0}


def test_somebody_behind_the_camera_is_not_seen():
    assert set(counts(frames(Statue(y=-6.0)))) == {0}


def test_somebody_beyond_reach_is_not_seen():
    assert set(counts(frames(Statue(y=20.0)))) == {0}


def test_a_gondola_hides_the_legs_of_who_stands_behind_it():
    (person,) = frames(Statue(x=0.15, y=2.9))[0].people
    scores = np.array(person.keypoints)[:, 2]
    assert scores[:5].min() > 0.5 > scores[13:].max()
    assert person.box[3] < true_pixels(Statue(x=0.15, y=2.9))[15:, 1].max() - 50.0


def test_somebody_close_behind_somebody_else_is_seen_less_often():
    behind = [min(count, 2) for count in counts(frames(Statue(), Statue(person="bob", y=1.6)))]
    beside = counts(frames(Statue(), Statue(person="bob", x=1.0)))
    assert sum(behind) < sum(beside) == 2 * len(beside)


def test_overlapping_people_merge_into_one_box_as_often_as_stated():
    plan = PERFECT.model_copy(update={"merge_rate": 1.0, "merge_overlap": 0.3})
    ann, bob = Statue(), Statue(person="bob", x=0.25)
    merged = frames(ann, bob, plan=plan)
    apart = frames(ann, bob)
    assert set(counts(apart)) == {2}
    assert set(counts(merged)) == {1}
    assert merged[0].people[0].box[2] == max(person.box[2] for person in apart[0].people)


def test_missed_people_and_lost_frames_come_at_the_stated_rates():
    plan = PERFECT.model_copy(update={"miss_rate": 0.3, "dropped_frames": 0.2})
    found = [frames(Statue(), plan=plan, seed=seed) for seed in range(8)]
    assert sum(map(len, found)) == pytest.approx(0.8 * 800, rel=0.1)
    assert np.mean([count for one in found for count in counts(one)]) == pytest.approx(0.7, abs=0.1)


def test_ghosts_appear_as_often_as_stated_and_score_low():
    plan = PERFECT.model_copy(update={"ghost_rate": 0.5})
    ghosts = [person for frame in frames(plan=plan) for person in frame.people]
    assert 25 < len(ghosts) < 75
    assert max(person.score for person in ghosts) < 0.5


def test_joints_scatter_by_the_stated_pixels():
    plan = PERFECT.model_copy(update={"pixel_noise": 4.0})
    shoulders = [
        np.array(frame.people[0].keypoints)[5, :2] for frame in frames(Statue(), plan=plan)
    ]
    assert np.std(shoulders, axis=0) == pytest.approx(4.0, rel=0.35)


def test_what_is_held_is_named():
    guesses = [frame.people[0].in_hand for frame in frames(Statue(held=(COLA,)))]
    assert all(set(guess) == {COLA} for guess in guesses)


def test_what_is_held_is_sometimes_misnamed():
    plan = PERFECT.model_copy(update={"in_hand_wrong": 0.5})
    guesses = [frame.people[0].in_hand for frame in frames(Statue(held=(COLA,)), plan=plan)]
    assert any(SOUP in guess for guess in guesses)
    assert any(COLA in guess for guess in guesses)


def test_empty_hands_are_never_named():
    assert not any(frame.people[0].in_hand for frame in frames(Statue()))


def test_appearance_is_nearer_to_the_same_person_than_to_another():
    plan = PERFECT.model_copy(update={"appearance": 8})
    looks = [frame.people for frame in frames(Statue(), Statue(person="bob", x=1.5), plan=plan)]
    ann = np.array([min(people, key=lambda p: p.box[0]).appearance for people in looks])
    bob = np.array([max(people, key=lambda p: p.box[0]).appearance for people in looks])
    assert (ann[1:] @ ann[0]).mean() > (bob @ ann[0]).mean() + 0.3


def test_a_frame_is_the_same_however_often_it_is_built():
    plan = CameraPlan(ghost_rate=0.3, appearance=8)
    people = (Statue(held=(COLA,)), Statue(person="bob", x=0.3))
    assert frames(*people, plan=plan) == frames(*people, plan=plan)
