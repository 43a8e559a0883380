"""What a session is about: small readable files, checked with errors that name file and entry."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from sim.reality import Reality
from sim.scripts import ActionKind, Script, Step, Words
from store_engine.errors import ConfigError

__all__ = ["ActionKind", "ActionMix", "Reality", "Scenario", "Script", "Step", "load_scenario"]

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Weight = Annotated[float, Field(ge=0.0)]


class ActionMix(Words):
    """How often shoppers do what: relative weights among what they can do at that moment."""

    take: Weight = 6.0
    take_several: Weight = 1.0  # two or three of one product
    return_: Weight = Field(default=1.0, alias="return")  # to its right place
    misplace: Weight = 0.0  # put down somewhere else
    touch: Weight = 1.0  # touch, or lift and set down again
    hold: Weight = 0.5  # rest a hand on the shelf
    hand_over: Weight = 0.0  # give something to another shopper
    browse: Weight = 1.0  # just look

    @model_validator(mode="after")
    def _something(self) -> "ActionMix":
        if not any(self.weights().values()):
            raise ValueError("at least one weight must be above 0")
        return self

    def weights(self) -> dict[ActionKind, float]:
        """Return the weight of each kind of action."""
        return {
            "take": self.take,
            "take_several": self.take_several,
            "return": self.return_,
            "misplace": self.misplace,
            "touch": self.touch,
            "hold": self.hold,
            "hand_over": self.hand_over,
            "browse": self.browse,
        }


class Scenario(Words):
    """What happens in a session, and how sensors see it."""

    name: str = Field(min_length=1)
    note: str = ""

    shoppers: int | None = Field(default=None, ge=0, le=500)  # people who come by themselves
    arrivals_per_minute: float = Field(default=20.0, gt=0.0, le=120.0)  # Poisson, of entries
    arrivals_for_s: float | None = Field(default=None, gt=0.0)  # nobody comes after this
    group_sizes: tuple[Weight, ...] = (1.0,)  # weights of 1, 2, ... people on one entry
    scripted: tuple[Script, ...] = ()

    actions_each: tuple[int, int] = (2, 4)  # fewest and most per person
    mix: ActionMix = ActionMix()
    linger_s: tuple[float, float] = (0.4, 1.5)  # a look at the shelf before each action
    speed_m_s: tuple[float, float] = (0.8, 1.4)
    aisle: tuple[str, ...] = ()  # gondolas whose goods random shoppers use; all if empty
    closeness_m: float = Field(default=0.6, ge=0.45, le=3.0)  # between people at a shelf, at least
    beside: Share = 0.0  # share of stops made as near to another shopper as allowed
    stock: tuple[Share, Share] = (0.5, 1.0)  # how full the columns of goods are

    lead_s: float = Field(default=3.0, ge=0.0)  # quiet time before anybody comes
    tail_s: float = Field(default=5.0, ge=0.0)  # quiet time after the last one left
    limit_s: float = Field(default=1800.0, gt=0.0)  # a longer session is a mistake
    start_us: int = Field(default=1_767_261_600_000_000, ge=0)  # 2026-01-01 10:00 UTC

    people_from: Literal["cameras", "tracker", "both"] = "tracker"
    reality: Reality = Reality()  # how the world differs from the store's files
    noise: float = Field(default=1.0, ge=0.1, le=5.0)  # every sensor's noise, times this
    sensors: dict[str, Any] = Field(default_factory=dict)  # read by the sensors: noise, rates, ...
    faults: tuple[dict[str, Any], ...] = ()  # read by the faults

    @model_validator(mode="after")
    def _bounded(self) -> "Scenario":
        if self.shoppers is None and self.arrivals_for_s is None and not self.scripted:
            raise ValueError("needs shoppers, arrivals_for_s or scripted: nobody would come")
        for entry in ("actions_each", "linger_s", "speed_m_s", "stock"):
            low, high = getattr(self, entry)
            if low < 0 or high < low:
                raise ValueError(f"{entry}: from {low} to {high} is not a range")
        low, high = self.speed_m_s
        if low < 0.3 or high > 2.0:
            raise ValueError(f"speed_m_s: {low} to {high} is not walking, limits are 0.3 and 2.0")
        if not any(self.group_sizes):
            raise ValueError("group_sizes: at least one weight must be above 0")
        return self._named()

    def _named(self) -> "Scenario":
        names = [script.name for script in self.scripted]
        for i, script in enumerate(self.scripted):
            if names.index(script.name) < i:
                raise ValueError(f"scripted.{i}.name: {script.name!r} is already taken")
            if script.with_ is not None and not script.scan:
                raise ValueError(f"scripted.{i}.scan: a tailgater cannot be on another's entry")
            if script.with_ is not None and script.with_ not in names[:i]:
                raise ValueError(f"scripted.{i}.with: no earlier shopper {script.with_!r}")
            for j, step in enumerate(script.steps):
                if step.to is not None and (step.to not in names or step.to == script.name):
                    raise ValueError(f"scripted.{i}.steps.{j}.to: no other shopper {step.to!r}")
        return self._in_step()

    def _in_step(self) -> "Scenario":
        """Check that every rendezvous has at least two shoppers, each of them once."""
        meets = {name: self.meeting(name) for name in self._rendezvous()}
        for i, script in enumerate(self.scripted):
            for j, step in enumerate(script.steps):
                if step.sync is None:
                    continue
                where = f"scripted.{i}.steps.{j}.sync"
                if meets[step.sync].count(script.name) > 1:
                    raise ValueError(f"{where}: {script.name} has {step.sync!r} twice")
                if len(meets[step.sync]) < 2:
                    raise ValueError(f"{where}: nobody else has {step.sync!r}")
        return self

    def _rendezvous(self) -> list[str]:
        steps = (step for script in self.scripted for step in script.steps)
        return [step.sync for step in steps if step.sync is not None]

    def meeting(self, sync: str) -> list[str]:
        """Return the names of the scripted shoppers who take part in a rendezvous."""
        return [s.name for s in self.scripted for step in s.steps if step.sync == sync]

    def with_shoppers(self, shoppers: int) -> "Scenario":
        """Return this scenario with another number of people."""
        return self.model_copy(update={"shoppers": shoppers})


def load_scenario(path: Path) -> Scenario:
    """Read a scenario file. Raises `ConfigError` naming file, entry and limit."""
    try:
        return Scenario.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    except ValidationError as error:
        raise ConfigError("\n".join(f"{path}: {text}" for text in _complaints(error))) from error


def _complaints(error: ValidationError) -> list[str]:
    """Return one line per mistake: the entry, the limit, and what was found."""
    lines = []
    for mistake in error.errors(include_url=False, include_context=False):
        entry = ".".join(str(part) for part in mistake["loc"])
        text = mistake["msg"].removeprefix("Value error, ")
        found = mistake["input"]
        shown = f", found {found!r}" if isinstance(found, str | int | float) else ""
        lines.append(f"{entry}: {text}{shown}" if entry else text)
    return lines
