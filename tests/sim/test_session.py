from functools import cache
from pathlib import Path

import pytest

from sim.scenarios import Scenario
from sim.session import sensor_plan, simulate
from store_engine.errors import ConfigError
from store_engine.intake import FrontDoor, Refusal
from store_engine.messages import Arrival, CameraFrame, GateCrossing, ShelfWeights, TrackedPeople
from store_engine.ports import RawArrival
from store_engine.store import Store
from store_engine.store_files import load_store

NANOSTORE = Path(__file__).parents[2] / "configs" / "nanostore"
CREDENTIALS = [("pass-1", "account-1"), ("pass-2", "account-2")]


@cache
def store() -> Store:
    return load_store(NANOSTORE)


def scenario(**entries: object) -> Scenario:
    short = {"name": "short", "shoppers": 1, "actions_each": (1, 1), "linger_s": (0.2, 0.3)}
    return Scenario.model_validate(short | entries)


@cache
def session(people_from: str = "both", seed: int = 4):
    wanted = scenario(people_from=people_from)
    heard, truth = simulate(wanted, store(), seed=seed, credentials=CREDENTIALS)
    return tuple(heard), truth


def accepted(raw: tuple[RawArrival, ...]) -> list[Arrival]:
    door = FrontDoor(store())
    results = [door.accept(one) for one in raw]
    assert not [one for one in results if isinstance(one, Refusal)]
    return [one for one in results if isinstance(one, Arrival)]


def test_a_simulated_session_of_the_real_store_is_let_in_whole():
    kinds = {type(arrival.message) for arrival in accepted(session()[0])}
    assert {ShelfWeights, CameraFrame, TrackedPeople, GateCrossing} <= kinds


def test_the_same_seed_gives_the_same_session_and_truth():
    again = simulate(scenario(people_from="both"), store(), seed=4, credentials=CREDENTIALS)
    assert (tuple(again[0]), again[1]) == session()


def test_the_truth_tells_who_came_and_the_session_lasts_until_they_left():
    heard, truth = session()
    (visit,) = truth.visits
    assert visit.account in {account for _, account in CREDENTIALS}
    assert heard[-1].received_us > truth.start_us + visit.left_s * 1e6


@pytest.mark.parametrize(
    ("people_from", "kinds"),
    [
        ("cameras", {CameraFrame}),
        ("tracker", {TrackedPeople}),
        ("both", {CameraFrame, TrackedPeople}),
    ],
)
def test_people_come_from_the_sensors_the_scenario_names(people_from, kinds):
    plan = sensor_plan(scenario(people_from=people_from))
    fitted = {CameraFrame} if plan.cameras else set()
    fitted |= {TrackedPeople} if plan.tracker else set()
    assert fitted == kinds


def test_a_scenario_tunes_its_sensors():
    plan = sensor_plan(scenario(sensors={"tracker": {"wrist_dropout": 0.5}}))
    assert plan.tracker.wrist_dropout == 0.5


def test_a_sensor_that_does_not_exist_is_named():
    with pytest.raises(ConfigError, match=r"scenario short: sensors\.weights.colour: Extra inputs"):
        sensor_plan(scenario(sensors={"weights": {"colour": "red"}}))


def test_a_fault_on_a_device_that_does_not_exist_is_named_before_anything_is_simulated():
    broken = scenario(faults=[{"kind": "dead_camera", "device": "camera-99"}])
    with pytest.raises(ConfigError, match="no device camera-99 in this store"):
        simulate(broken, store(), seed=1, credentials=CREDENTIALS)
