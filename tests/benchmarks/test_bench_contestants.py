from pathlib import Path
from typing import get_args

import msgspec
import pytest
from bench_sessions import TRIAL, WATER, session

from benchmarks.accuracy import running
from benchmarks.accuracy.blindfold import without_wrists
from benchmarks.accuracy.contestants import CONTESTANTS, Contestant, chosen
from benchmarks.accuracy.sessions import Session
from sim.truth import read_truth
from store_engine.adapters.recordings import McapRecording
from store_engine.errors import ConfigError
from store_engine.messages import (
    CameraFrame,
    GateCrossing,
    Joint,
    PersonDetection,
    TrackedPeople,
    TrackedPerson,
)
from store_engine.ports import RawArrival
from store_engine.store import Ablation
from store_engine.store_files import load_accounts, load_store

HAND = Joint(at=(1.0, 2.0, 1.1))
TRACKED = TrackedPeople(
    device="tracker", sequence=0, time_us=1,
    people=(TrackedPerson(track="7", head=Joint(at=(1.0, 2.0, 1.7)), right_wrist=HAND),),
)  # fmt: skip
BODY = PersonDetection(box=(0, 0, 9, 9), score=0.9, keypoints=((5.0, 5.0, 0.9),) * 17)
FRAME = CameraFrame(device="cam", sequence=0, time_us=1, people=(BODY,))


@pytest.mark.parametrize("codec", [msgspec.json, msgspec.msgpack])
def test_without_wrists_a_tracker_knows_heads_only(codec):
    raw = RawArrival(1, "stores/s/trackers/tracker/people", codec.encode(TRACKED))
    (blind,) = without_wrists([raw])
    (person,) = codec.decode(blind.payload, type=TrackedPeople).people
    assert (person.right_wrist, person.head) == (None, TRACKED.people[0].head)


def test_without_wrists_cameras_see_no_forearms():
    raw = RawArrival(1, "stores/s/cameras/cam/frames", msgspec.json.encode(FRAME))
    (blind,) = without_wrists([raw])
    (person,) = msgspec.json.decode(blind.payload, type=CameraFrame).people
    unseen = [joint for joint, (_, _, score) in enumerate(person.keypoints) if score == 0.0]
    assert unseen == [7, 8, 9, 10]


def test_a_blindfold_leaves_everything_else_as_it_was():
    crossing = GateCrossing(device="door", sequence=0, time_us=1, direction="in")
    heard = [
        RawArrival(1, "stores/s/gates/door/crossings", msgspec.json.encode(crossing)),
        RawArrival(2, "stores/s/cameras/cam/frames", b"{damaged"),
    ]
    assert without_wrists(heard) == heard


def test_every_switch_of_the_engine_has_a_contestant_and_no_other_is_claimed():
    ablations = {f"no-{switch}" for switch in get_args(Ablation)}
    assert set(chosen(["all"])) == {"ours", "sequential", "plain", "no-wrists"} | ablations


def test_an_unknown_contestant_is_answered_with_those_there_are():
    with pytest.raises(ConfigError, match="'nobody': there are ours, sequential, plain"):
        chosen(["nobody"])


def test_a_contestant_that_breaks_down_has_told_nothing(monkeypatch):
    def break_down(_):
        raise KeyError("x")

    broken = Contestant(name="broken", title="", play=break_down)
    monkeypatch.setattr(running, "CONTESTANTS", {**CONTESTANTS, "broken": broken})
    (result,) = running.run_one(
        TRIAL, source=lambda _: session({"ada": {WATER: 1}}), contestants=["broken"]
    )
    assert result.failure == "KeyError: 'x'"
    assert result.score.missing == 1


def test_the_whole_of_our_engine_is_heard_out_on_a_small_recording():
    root = Path(__file__).parents[2]
    store = load_store(root / "configs" / "nanostore")
    accounts = load_accounts(root / "configs" / "nanostore")
    heard = tuple(McapRecording(root / "fixtures" / "three-shoppers.mcap"))
    truth = read_truth(root / "fixtures" / "three-shoppers.truth.json")
    played = Session(trial=TRIAL, store=store, accounts=accounts, heard=heard, truth=truth)
    (result,) = running.run_one(TRIAL, source=lambda _: played, contestants=["ours"])
    assert (result.failure, result.score.shoppers, len(result.trips)) == ("", 3, 3)
    assert result.score.f1 > 0.9
    assert all(0.0 < trip.latency_s < 10.0 for trip in result.trips)
    assert len(result.lines) >= 9
