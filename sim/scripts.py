"""What scripted shoppers do: the steps of a script, each checked for what it needs and allows."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

ActionKind = Literal[
    "take", "take_several", "return", "misplace", "touch", "hold", "hand_over", "browse"
]
StepKind = ActionKind | Literal["set_bag", "drop", "restock", "swap"]
Across = Literal["left", "right"]  # as seen from the aisle, facing the shelf
ProductCode = Annotated[str, Field(min_length=1)]

_NEEDED: dict[str, tuple[str, ...]] = {
    "return": ("gtin",),
    "misplace": ("gtin", "plate"),
    "hand_over": ("gtin", "to"),
    "set_bag": ("plate", "mass_g"),
    "drop": ("gtin",),
    "restock": ("gtin",),
    "swap": ("gtin", "with"),
}
_ONLY_FOR: dict[str, tuple[str, ...]] = {
    "slow_s": ("take",),
    "held_s": ("take",),
    "also": ("take",),
    "quick": ("take",),
    "mass_g": ("set_bag",),
    "with": ("swap",),
}
_NOWHERE = ("wait", "hand_over", "drop")  # done without standing at a shelf


class Words(BaseModel):
    """An entry of a scenario file: frozen, and nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Step(Words):
    """One thing a scripted shopper does.

    `gtin` names a product and `plate` a place; for `take`, `touch`, `hold` and `browse` either is
    enough. `return`, `drop` and `restock` need `gtin`; `misplace` needs `gtin` and the `plate` to
    put it on; `hand_over` needs `gtin` and `to`, the name of another scripted shopper; `set_bag`
    needs `plate` and `mass_g`; `swap` needs the `gtin` carried and the one it is swapped `with`.
    """

    do: StepKind | Literal["wait"]
    gtin: ProductCode | None = None
    plate: str | None = None
    quantity: int = Field(default=1, ge=1, le=8)
    at_s: float | None = Field(default=None, ge=0.0)  # not before this moment of the session
    seconds: float | None = Field(default=None, gt=0.0, le=60.0)  # hold, browse, wait, set_bag
    sync: str | None = Field(default=None, min_length=1)  # ready at the spot, wait for the others
    side: Across | None = None  # stand on this side of the product

    together: bool = False  # take `quantity` units in one grip
    quick: bool = False  # take one unit after the other without a pause
    slow_s: float | None = Field(default=None, ge=0.5, le=20.0)  # the lift itself lasts this long
    held_s: float | None = Field(default=None, ge=0.0, le=30.0)  # weighed in the hand before
    also: ProductCode | None = None  # the other hand takes one of this product at the same moment

    to: str | None = None
    mass_g: float | None = Field(default=None, ge=200.0, le=6000.0)  # of a bag
    with_: ProductCode | None = Field(default=None, alias="with")

    @model_validator(mode="after")
    def _complete(self) -> "Step":
        missing = [name for name in _NEEDED.get(self.do, ()) if self._entry(name) is None]
        if missing:
            raise ValueError(f"{self.do} needs {' and '.join(missing)}")
        if self.do in ("take", "touch", "hold", "browse") and not (self.gtin or self.plate):
            raise ValueError(f"{self.do} needs gtin or plate")
        return self._fitting()

    def _fitting(self) -> "Step":
        for name, kinds in _ONLY_FOR.items():
            if self._entry(name) not in (None, False) and self.do not in kinds:
                raise ValueError(f"{self.do} has no {name}, only {' and '.join(kinds)} has")
        if self.side is not None and self.do in _NOWHERE:
            raise ValueError(f"{self.do} has no side: it needs no shelf")
        return self

    def _entry(self, name: str) -> object:
        return getattr(self, "with_" if name == "with" else name)


class Script(Words):
    """One scripted shopper."""

    name: str = Field(min_length=1)
    at_s: float = Field(default=0.0, ge=0.0)  # when they come to the gate
    with_: str | None = Field(default=None, alias="with")  # came on the entry of this shopper
    scan: bool = True  # False: a tailgater, who owes nothing because nobody knows them
    height_m: float | None = Field(default=None, ge=0.9, le=2.1)  # a child is 1.0 to 1.3
    # Staff come on an entry, too, and owe what they take; what they restock is nobody's.
    role: Literal["shopper", "staff"] = "shopper"
    steps: tuple[Step, ...] = ()
