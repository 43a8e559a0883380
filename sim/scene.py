"""What truly happens in one simulated session: the contract between shoppers and sensors.

Times are seconds since the session began (`Scene.start_us` is that instant on the world's
clock). Positions are metres in the store frame.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from store_engine.units import GateId, Gtin, PlateId

FloatArray = NDArray[np.float64]

# Joints of a body, in this order: COCO-17, then the neck.
JOINTS = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear",
    "left_shoulder", "right_shoulder", "left_elbow", "right_elbow",
    "left_wrist", "right_wrist", "left_hip", "right_hip",
    "left_knee", "right_knee", "left_ankle", "right_ankle", "neck",
)  # fmt: skip

CONTACT_ONSET_S = 0.08  # a hand's force builds up and fades within this (guess)


class Body(Protocol):
    """One person and how they move."""

    @property
    def person(self) -> str:
        """Name of the person, unique in the scene."""
        ...

    @property
    def entered_s(self) -> float:
        """When they become visible (a little before they pass the gate)."""
        ...

    @property
    def left_s(self) -> float:
        """When they are gone (a little after they pass the gate)."""
        ...

    def joints(self, times_s: FloatArray) -> FloatArray:
        """Return (n, 18, 3) joint positions in metres at `times_s` (n,); NaN when away."""
        ...

    def in_hand(self, time_s: float) -> tuple[Gtin, ...]:
        """Return what they visibly hold in a hand (not what is in their bag)."""
        ...


class Load(NamedTuple):
    """A lasting change of what lies on one plate.

    The load goes from 0 to `change_g` between `start_s` and `end_s` (smoothly while a hand lifts
    or lowers it). Goods put down (`change_g` > 0) ring; an item that straddles two plates is two
    loads.
    """

    plate: PlateId
    start_s: float
    end_s: float
    change_g: float


class Contact(NamedTuple):
    """A force that goes away again: a hand resting, pressing, leaning, a bump, a bag.

    A "held" product is partly carried by a hand, a "clear" one wholly: it hangs over its plate and
    lands there again. A "bag" lies there. What is clear or a bag has no tremor, but presses and
    rings as goods do.
    """

    plate: PlateId
    start_s: float
    end_s: float
    force_g: float  # mean force while it lasts, grams-force; negative when something is lifted
    kind: Literal["touch", "rest", "press", "lift", "bump", "held", "clear", "bag"]
    onset_s: float = CONTACT_ONSET_S  # it builds up, and fades after `end_s`, within this


class Scan(NamedTuple):
    """A credential is presented at a gate."""

    gate: GateId
    time_s: float
    credential: str


class Pass(NamedTuple):
    """A person goes through a gate."""

    gate: GateId
    time_s: float
    direction: Literal["in", "out"]
    person: str
    position: tuple[float, float]


class Footstep(NamedTuple):
    """A foot hits the floor near shelves: the source of vibration."""

    time_s: float
    position: tuple[float, float]
    strength: float  # 1.0: a normal step


@dataclass(frozen=True, kw_only=True)
class Action:
    """One thing a shopper did, for the truth file and for people who read it."""

    time_s: float
    person: str
    action: Literal[
        "take", "return", "misplace", "touch", "hand_over", "drop", "restock", "set_bag"
    ]
    gtin: Gtin | None = None
    quantity: int = 0
    plate: PlateId | None = None
    to_person: str | None = None


@dataclass(frozen=True, kw_only=True)
class TrueVisit:
    """What one entry really owes. Hand-overs: the picker pays."""

    credential: str
    account: str
    people: tuple[str, ...]
    entered_s: float
    left_s: float
    items: Mapping[Gtin, int]


@dataclass(frozen=True, kw_only=True)
class Truth:
    """The answer key. Written to a file of its own; the engine never reads it."""

    store: str
    scenario: str
    seed: int
    start_us: int
    visits: tuple[TrueVisit, ...]
    actions: tuple[Action, ...]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Everything that happens, before any sensor looks at it."""

    start_us: int
    duration_s: float
    people: tuple[Body, ...]
    loads: tuple[Load, ...]
    contacts: tuple[Contact, ...]
    scans: tuple[Scan, ...]
    passes: tuple[Pass, ...]
    footsteps: tuple[Footstep, ...]
    initial_g: Mapping[PlateId, float]  # true load of each plate at the start
    truth: Truth = field(repr=False)
