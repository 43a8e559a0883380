"""Device faults on request, as a scenario file spells them.

Times are seconds since the session began. `device` names one device of the store; where it may
be left out, every device is meant.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from store_engine.errors import ConfigError
from store_engine.store_map import StoreMap

Seconds = Annotated[float, Field(ge=0.0)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]


class _Fault(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class DeadDevice(_Fault):
    """A device loses power: silence, then its last will; it comes back at `until_s`, if ever."""

    kind: Literal["dead_camera", "dead_shelf", "dead_tracker", "dead_gate"]
    device: str
    from_s: Seconds = 0.0
    until_s: Seconds | None = None


class DeviceReboot(_Fault):
    """A device restarts: a short silence, then a new boot and a sequence from the beginning."""

    kind: Literal["device_reboot"] = "device_reboot"
    device: str
    at_s: Seconds
    down_s: Seconds = 2.0


class DeadCells(_Fault):
    """The cells of one shelf read nothing (null) while their controller goes on."""

    kind: Literal["dead_cells"] = "dead_cells"
    shelf: str
    from_s: Seconds = 0.0
    until_s: Seconds | None = None


class DriftingShelf(_Fault):
    """The readings of one shelf creep."""

    kind: Literal["drifting_shelf"] = "drifting_shelf"
    shelf: str
    g_per_min: float = 60.0
    from_s: Seconds = 0.0


class DroppedBatches(_Fault):
    """Messages are lost on the way: a share of them, or all within an interval."""

    kind: Literal["dropped_batches"] = "dropped_batches"
    device: str | None = None
    rate: Share = 1.0
    from_s: Seconds = 0.0
    until_s: Seconds | None = None


class Duplicates(_Fault):
    """A share of the messages arrives twice, the second up to `max_delay_ms` later."""

    kind: Literal["duplicates"] = "duplicates"
    device: str | None = None
    rate: Share = 0.1
    max_delay_ms: Annotated[float, Field(gt=0.0)] = 500.0


class Reordering(_Fault):
    """A share of the messages is overtaken by later ones."""

    kind: Literal["reordering"] = "reordering"
    device: str | None = None
    rate: Share = 0.1
    max_delay_ms: Annotated[float, Field(gt=0.0)] = 250.0


class Late(_Fault):
    """Everything a device says takes longer, in order."""

    kind: Literal["late"] = "late"
    device: str
    delay_ms: Annotated[float, Field(ge=0.0)]
    from_s: Seconds = 0.0
    until_s: Seconds | None = None


class ClockSkew(_Fault):
    """A device's clock is wrong by a constant, and perhaps runs fast."""

    kind: Literal["clock_skew"] = "clock_skew"
    device: str
    offset_s: float
    drift_ppm: float = 0.0


class ClockStep(_Fault):
    """A device's clock is set by `step_s` at `at_s`."""

    kind: Literal["clock_step"] = "clock_step"
    device: str
    at_s: Seconds
    step_s: float


class Garbage(_Fault):
    """Malformed payloads: beside the good ones, or (`replace`) in their stead."""

    kind: Literal["garbage"] = "garbage"
    device: str | None = None
    rate: Share = 0.02
    replace: bool = False


Fault: TypeAlias = Annotated[
    DeadDevice
    | DeviceReboot
    | DeadCells
    | DriftingShelf
    | DroppedBatches
    | Duplicates
    | Reordering
    | Late
    | ClockSkew
    | ClockStep
    | Garbage,
    Field(discriminator="kind"),
]
_ADAPTER: TypeAdapter[Fault] = TypeAdapter(Fault)


def parse_faults(entries: Sequence[Mapping[str, Any]]) -> tuple[Fault, ...]:
    """Return the faults a scenario asks for. Raises `ConfigError` naming the entry."""
    faults = []
    for number, entry in enumerate(entries, start=1):
        try:
            faults.append(_ADAPTER.validate_python(dict(entry)))
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"][1:]) or "kind"
            raise ConfigError(f"fault {number}: {field}: {first['msg']}") from error
    return tuple(faults)


def check_faults(faults: Sequence[Fault], store_map: StoreMap) -> None:
    """Raise `ConfigError` when a fault names a device or shelf this store does not have."""
    for number, fault in enumerate(faults, start=1):
        device = getattr(fault, "device", None)
        if device is not None and device not in store_map.devices:
            raise ConfigError(f"fault {number} ({fault.kind}): no device {device} in this store")
        shelf = getattr(fault, "shelf", None)
        if shelf is not None and shelf not in store_map.shelves:
            raise ConfigError(f"fault {number} ({fault.kind}): no shelf {shelf} in this store")
