"""Short words for what scripted shoppers do, and the scene they do it in."""

from collections.abc import Sequence

from benchmarks.suite.draws import Shop, Spot
from benchmarks.suite.words import Difficulty, Graded
from sim.scenarios import Scenario, Script, Step

MASS_G = Graded((200.0, 2000.0), (60.0, 2000.0), (28.0, 200.0))  # light goods hide in the noise
BYSTANDERS = Graded(0, 1, 2)  # others who shop nearby meanwhile
BYSTANDERS_WITHIN_M = Graded(3.0, 1.5, 0.8)  # of the place that matters
STOCK = (0.7, 1.0)  # well filled: what a script takes is there
APPROACH_S = (0.0, 2.0)  # people come one after the other


def take(spot: Spot, quantity: int = 1, **how: object) -> Step:
    """Take from a place; `how` are further words of a step."""
    return _step("take", gtin=spot.gtin, quantity=quantity, **how)


def put_back(spot: Spot, **how: object) -> Step:
    """Put one unit back where it belongs."""
    return _step("return", gtin=spot.gtin, **how)


def misplace(spot: Spot, *, on: Spot, **how: object) -> Step:
    """Put one unit where another product stands."""
    return _step("misplace", gtin=spot.gtin, plate=on.middle_plate, **how)


def hand_over(spot: Spot, *, to: str) -> Step:
    """Give one unit to another shopper."""
    return _step("hand_over", gtin=spot.gtin, to=to)


def touch(spot: Spot, **how: object) -> Step:
    """Touch it, or lift it and set it down again."""
    return _step("touch", gtin=spot.gtin, **how)


def hold(spot: Spot, *, seconds: float) -> Step:
    """Rest a hand on the shelf."""
    return _step("hold", gtin=spot.gtin, seconds=seconds)


def browse(spot: Spot, *, seconds: float, **how: object) -> Step:
    """Stand before a place and look."""
    return _step("browse", gtin=spot.gtin, seconds=seconds, **how)


def meet(name: str) -> Step:
    """Wait, wherever one is, until everybody has come to this point of their script."""
    return _step("wait", seconds=0.5, sync=name)


def drop(spot: Spot) -> Step:
    """Leave one unit on the floor."""
    return _step("drop", gtin=spot.gtin)


def swap(carried: Spot, *, for_: Spot) -> Step:
    """Put one unit where another product stands and take one of those."""
    return _step("swap", gtin=carried.gtin, with_=for_.gtin)


def set_bag(plate: str, *, mass_g: float, seconds: float, **how: object) -> Step:
    """Set a bag down on the shelf, and take it away again."""
    return _step("set_bag", plate=plate, mass_g=mass_g, seconds=seconds, **how)


def restock(spot: Spot, quantity: int, **how: object) -> Step:
    """Put units that were brought along on their place."""
    return _step("restock", gtin=spot.gtin, quantity=quantity, **how)


def _step(do: str, **words: object) -> Step:
    return Step.model_validate({"do": do, **words})


def person(name: str, *steps: Step, **words: object) -> Script:
    """One scripted shopper; `words` are further words of a script."""
    return Script.model_validate({"name": name, "steps": steps, **words})


def bystanders(
    shop: Shop, around: Spot, difficulty: Difficulty, *, besides: Sequence[Spot] = ()
) -> list[Script]:
    """Return others who shop near `around` meanwhile, of other products than `besides`."""
    chosen: list[Spot] = []
    for _ in range(BYSTANDERS.at(difficulty)):
        within_m = BYSTANDERS_WITHIN_M.at(difficulty)
        chosen.append(shop.near(around, within_m=within_m, besides=(*besides, *chosen)))
    return [
        person(
            f"bystander-{number}",
            browse(spot, seconds=shop.number((0.5, 3.0))),
            take(spot),
            at_s=shop.number(APPROACH_S),
        )
        for number, spot in enumerate(chosen, start=1)
    ]


def scene(*scripts: Script, **words: object) -> Scenario:
    """Return a scenario of scripted shoppers; `trial` gives it its name and note."""
    return Scenario.model_validate({"name": "trial", "scripted": scripts, "stock": STOCK, **words})
