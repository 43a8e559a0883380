"""One simulated session: a scenario becomes what the edge hears, and the truth beside it."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from sim.faults import parse_faults
from sim.scenarios import Scenario
from sim.scene import Scene
from sim.sensors import CameraPlan, SensorPlan, TrackerPlan, play
from store_engine.errors import ConfigError
from store_engine.ports import RawArrival
from store_engine.store import Store


def sensor_plan(scenario: Scenario) -> SensorPlan:
    """Return the sensors a scenario asks for. Raises `ConfigError` naming the entry."""
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
    )


def hear(scenario: Scenario, scene: Scene, store: Store, *, seed: int) -> Iterator[RawArrival]:
    """Return everything the edge of `store` hears of `scene`, by time of arrival."""
    return play(
        scene,
        store,
        sensors=sensor_plan(scenario),
        faults=parse_faults(scenario.faults),
        seed=seed,
    )
