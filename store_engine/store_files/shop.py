"""store.toml: the store's name, money, policy, floor and gates."""

import dataclasses
import math
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError, field_validator

from store_engine.store import Policy
from store_engine.store_files.reading import Entry, Problems, read_toml
from store_engine.store_map import Gate
from store_engine.units import GateId

FILE = "store.toml"
PPM_PER_PERCENT = 10_000
# A gate whose inward arrow leans further than this along its own line is surely a slip (guess).
MAX_LEAN = math.cos(math.radians(30))

Name = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^/+#\x00]+$")]
Point = tuple[float, float]


def _percent(rate: float) -> float:
    if not math.isclose(rate * PPM_PER_PERCENT, round(rate * PPM_PER_PERCENT), abs_tol=1e-6):
        raise ValueError(f"{rate} percent has more than 4 decimals")
    return rate


Percent = Annotated[float, Field(ge=0.0, le=100.0), AfterValidator(_percent)]


class GateEntry(Entry):
    """One [[gates]] table. Lengths in metres."""

    gate: Name
    ends: tuple[Point, Point]
    inward: Point

    @field_validator("inward")
    @classmethod
    def _has_direction(cls, inward: Point) -> Point:
        if math.hypot(*inward) == 0.0:
            raise ValueError("an arrow into the store is expected, (0, 0) points nowhere")
        return inward


class ShopFile(Entry):
    """The whole of store.toml."""

    store: Name
    name: Annotated[str, Field(min_length=1)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    currency_exponent: Annotated[int, Field(ge=0, le=4)]
    prices_include_tax: bool
    floor: Annotated[tuple[Point, ...], Field(min_length=3)]
    trackers: tuple[Name, ...] = ()
    tax_percent: Annotated[dict[str, Percent], Field(min_length=1)]
    tax_included: Annotated[dict[str, bool], Field(default_factory=dict)]
    policy: Annotated[dict[str, Any], Field(default_factory=dict)]
    gates: Annotated[tuple[GateEntry, ...], Field(min_length=1)]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Shop:
    """What store.toml says, in the engine's words."""

    file: ShopFile
    gates: tuple[Gate, ...]
    policy: Policy
    tax_rates: dict[str, int]  # parts per million


def read_shop(folder: Path) -> Shop:
    """Return what store.toml says. Raises `ConfigError` with every mistake in it."""
    file = read_toml(folder / FILE, ShopFile)
    problems = Problems(FILE)
    gates = tuple(_gate(entry, problems) for entry in file.gates)
    policy = _policy(file.policy, problems)
    for name in file.tax_included.keys() - file.tax_percent.keys():
        known = ", ".join(file.tax_percent)
        problems.add(f"tax_included, {name}", f"unknown tax class; tax_percent has {known}")
    problems.raise_if_any()
    rates = {name: round(rate * PPM_PER_PERCENT) for name, rate in file.tax_percent.items()}
    return Shop(file=file, gates=gates, policy=policy, tax_rates=rates)


def _gate(entry: GateEntry, problems: Problems) -> Gate:
    (ax, ay), (bx, by) = entry.ends
    length, arrow = math.hypot(bx - ax, by - ay), math.hypot(*entry.inward)
    inward = (entry.inward[0] / arrow, entry.inward[1] / arrow)
    if length == 0.0:
        problems.add(f'gate "{entry.gate}", ends', "two different points are expected")
    elif abs((bx - ax) * inward[0] + (by - ay) * inward[1]) / length > MAX_LEAN:
        problems.add(f'gate "{entry.gate}", inward', "must point across the line, not along it")
    return Gate(gate=GateId(entry.gate), ends=entry.ends, inward=inward)


def _policy(overrides: dict[str, Any], problems: Problems) -> Policy:
    known = [field.name for field in dataclasses.fields(Policy) if field.name != "ablate"]
    for key in overrides:
        if key not in known:
            problems.add(f"policy, {key}", f"unknown; policies are {', '.join(known)}")
    try:
        policy = TypeAdapter(Policy).validate_python(
            {key: value for key, value in overrides.items() if key in known}
        )
    except ValidationError as error:
        for mistake in error.errors(include_url=False):
            problems.add(f"policy, {mistake['loc'][0]}", mistake["msg"])
        return Policy()
    _check_ranges(policy, problems)
    return policy


def _check_ranges(policy: Policy, problems: Problems) -> None:
    if not 0.0 < policy.charge_above <= 1.0:
        problems.add("policy, charge_above", "a probability above 0, up to 1, is expected")
    for name in ("review_below", "review_budget"):
        if not 0.0 <= getattr(policy, name) <= 1.0:
            problems.add(f"policy, {name}", "a share from 0 to 1 is expected")
    for name, value in dataclasses.asdict(policy).items():
        if name.endswith("_ms") and value < 0:
            problems.add(f"policy, {name}", f"0 or more milliseconds are expected, not {value}")
