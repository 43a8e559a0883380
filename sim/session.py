"""One simulated session: a scenario becomes what the edge hears, and the truth beside it."""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from sim.faults import parse_faults
from sim.reality import real_store
from sim.scenarios import Scenario
from sim.scene import Truth
from sim.sensors import CameraPlan, SensorPlan, TrackerPlan, play
from sim.world import build_scene
from store_engine.errors import ConfigError
from store_engine.ports import RawArrival
from store_engine.store import Store


def simulate(
    scenario: Scenario, store: Store, *, seed: int, credentials: Sequence[tuple[str, str]]
) -> tuple[Iterator[RawArrival], Truth]:
    """Return what the edge of `store` hears, by time of arrival, and what truly happened.

    credentials: (credential, account) of those who may come. The same seed gives the same bytes.
    The scenario's `reality` changes what stands in the shop, not the `store` the engine is told.
    Raises `ConfigError` when the scenario asks for sensors or faults that do not exist.
    """
    sensors = sensor_plan(scenario)
    faults = parse_faults(scenario.faults)
    real = real_store(store, scenario.reality, scenario=scenario.name)
    scene = build_scene(scenario, real, seed=seed, credentials=credentials)
    return play(scene, real, sensors=sensors, faults=faults, seed=seed), scene.truth


def sensor_plan(scenario: Scenario) -> SensorPlan:
    """Return the sensors a scenario asks for: `people_from` fits, `sensors` tunes."""
    wanted: dict[str, Any] = dict(scenario.sensors)
    try:
        plan = SensorPlan.model_validate(wanted)
    except ValidationError as error:
        first = error.errors()[0]
        entry = ".".join(str(part) for part in ("sensors", *first["loc"]))
        raise ConfigError(f"scenario {scenario.name}: {entry}: {first['msg']}") from error
    cameras = scenario.people_from in ("cameras", "both")
    tracker = scenario.people_from in ("tracker", "both")
    return plan.model_copy(
        update={
            "cameras": (plan.cameras or CameraPlan()) if cameras else None,
            "tracker": (plan.tracker or TrackerPlan()) if tracker else None,
        }
    ).scaled(scenario.noise)
