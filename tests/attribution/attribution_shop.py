"""A small shop, and people who reach, for the tests of attribution.

Shelf A has eight plates of 0.1 m along x at 1 m height, shoppers stand at y < 0; shelf C is the
same, 6 m away. Plates hold products by pairs: see `FACINGS`.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

from store_engine.attribution import Attribution
from store_engine.catalog import Catalog, Product
from store_engine.signals import (
    CartBelief,
    Hand,
    PlateUnsettled,
    TrackMoved,
    VisitLeaving,
    VisitorBound,
    WeightStep,
)
from store_engine.store import Policy
from store_engine.store_map import Facing, Plate, StoreMap
from store_engine.units import (
    AccountId,
    DeviceId,
    Gtin,
    MessageRef,
    PlateId,
    ShelfId,
    StoreId,
    TrackId,
    VisitId,
    to_us,
)

MASSES = {  # gtin: (mass, spread) in grams
    "cola": (530.0, 3.0),
    "big_cola": (1060.0, 5.0),
    "chips": (180.0, 2.0),
    "soap": (400.0, 2.0),
    "lotion": (402.0, 2.0),
    "gum": (30.0, 0.5),
    "jam": (621.0, 3.0),
}
FACINGS = {  # shelf A by plate, shelf C by plate; one plate holds two products
    "A0": "cola", "A1": "cola", "A2": "big_cola", "A3": "big_cola",
    "A4": "soap", "A5": "soap gum", "A6": "gum", "A7": "gum",
    "C0": "chips", "C1": "chips", "C2": "lotion", "C3": "lotion",
    "C4": "jam", "C5": "jam",
}  # fmt: skip
POLICY = Policy(exit_grace_ms=400, exit_wait_max_ms=3_000)
SHELF_X = {"A": 0.0, "C": 6.0}


def plate_centre(plate: str) -> tuple[float, float, float]:
    return (SHELF_X[plate[0]] + 0.1 * int(plate[1:]), 0.0, 1.0)


def shop_map() -> StoreMap:
    plates = {
        PlateId(name): Plate(
            plate=PlateId(name),
            shelf=ShelfId(name[0]),
            device=DeviceId(f"shelf-{name[0]}"),
            centre=plate_centre(name),
            along=(1.0, 0.0),
            outward=(0.0, -1.0),
            width_m=0.1,
            depth_m=0.4,
            headroom_m=0.35,
        )
        for name in (f"{shelf}{at}" for shelf in "AC" for at in range(8))
    }
    stands: dict[str, list[PlateId]] = {}
    for plate, gtins in FACINGS.items():
        for gtin in gtins.split():
            stands.setdefault(gtin, []).append(PlateId(plate))
    return StoreMap(
        store=StoreId("shop"),
        floor=((-2.0, -4.0), (8.0, -4.0), (8.0, 0.0), (-2.0, 0.0)),
        gates={},
        cameras={},
        trackers=(),
        plates=plates,
        cells={},
        facings=tuple(Facing(gtin=Gtin(g), plates=tuple(on)) for g, on in stands.items()),
        obstacles=(),
    )


def shop_catalog() -> Catalog:
    products = {
        Gtin(gtin): Product(
            gtin=Gtin(gtin),
            name=gtin,
            price=100,
            tax_class="food",
            mass_g=mass_g,
            mass_std_g=spread_g,
        )
        for gtin, (mass_g, spread_g) in MASSES.items()
    }
    return Catalog(
        products=products,
        tax_rates={"food": 0},
        currency="USD",
        currency_exponent=2,
        prices_include_tax=False,
    )


def new_room(*, hand_over: Literal["picker_pays", "last_holder"] = "picker_pays") -> Attribution:
    return Attribution(shop_map(), shop_catalog(), replace(POLICY, hand_over=hand_over))


def moved(
    track: str,
    time_s: float,
    at: tuple[float, float],
    hand: tuple[float, float, float] | None = None,
) -> TrackMoved:
    """One move; with `hand`, one wrist is there and the other hangs beside the body."""
    hanging = Hand(at[0] + 0.2, at[1], 0.8, 0.03)
    return TrackMoved(
        track=TrackId(track),
        time_us=to_us(time_s),
        x=at[0],
        y=at[1],
        var_xx=0.01,
        var_xy=0.0,
        var_yy=0.01,
        head=None,
        hands=() if hand is None else (Hand(*hand, 0.03), hanging),
        in_hand=(),
        cause=MessageRef(f"tracker/0/{track}-{time_s:.2f}"),
    )


def step(
    plate: str,
    time_s: float,
    change_g: float,
    *,
    std_g: float = 1.0,
    late_s: float = 0.5,
    gap_s: float = 0.0,
) -> WeightStep:
    """One step at `time_s`, known `late_s` later; somewhere within a gap of `gap_s`, if any."""
    around_s = max(0.2, gap_s)
    return WeightStep(
        plate=PlateId(plate),
        began_us=to_us(time_s - around_s),
        moment_us=to_us(time_s),
        ended_us=to_us(time_s + around_s),
        settled_us=to_us(time_s + around_s + late_s - 0.2),
        change_g=change_g,
        std_g=std_g,
        across_gap=gap_s > 0.0,
        causes=(MessageRef(f"shelf-{plate[0]}/0/{time_s:.2f}"),),
    )


Signal = TrackMoved | WeightStep | VisitorBound | VisitLeaving | PlateUnsettled


@dataclass
class Story:
    """What happened in the shop, as signals in two lanes with their times of hearing."""

    people: list[Signal] = field(default_factory=list)
    shelves: list[Signal] = field(default_factory=list)

    def enters(self, track: str, visit: str | None, time_s: float = 0.0) -> "Story":
        name = None if visit is None else VisitId(visit)
        account = None if visit is None else AccountId(f"account of {visit}")
        self.people.append(
            VisitorBound(
                track=TrackId(track),
                visit=name,
                account=account,
                time_us=to_us(time_s),
                causes=(MessageRef(f"gate/0/{track}"),),
            )
        )
        return self

    def stands(
        self,
        track: str,
        since_s: float,
        until_s: float,
        at: tuple[float, float],
        hand: tuple[float, float, float] | None = None,
    ) -> "Story":
        """Somebody stays put from `since_s` to `until_s`; without `hand` no wrists are seen."""
        for frame in range(round(since_s * 10), round(until_s * 10)):
            self.people.append(moved(track, frame / 10, at, hand))
        return self

    def reaches(self, track: str, plate: str, time_s: float) -> "Story":
        """Somebody's wrist is in a plate's volume around `time_s`."""
        x, y, z = plate_centre(plate)
        hand = (x, y - 0.1, z + 0.15)
        return self.stands(track, time_s - 0.8, time_s + 0.8, (x, -0.6), hand)

    def weighs(
        self,
        plate: str,
        time_s: float,
        change_g: float,
        *,
        std_g: float = 1.0,
        late_s: float = 0.5,
        gap_s: float = 0.0,
    ) -> "Story":
        self.shelves.append(step(plate, time_s, change_g, std_g=std_g, late_s=late_s, gap_s=gap_s))
        return self

    def touches(self, plate: str, since_s: float, until_s: float) -> "Story":
        for time_s, since in ((since_s, to_us(since_s)), (until_s, None)):
            self.shelves.append(
                PlateUnsettled(plate=PlateId(plate), time_us=to_us(time_s), since_us=since)
            )
        return self

    def takes(self, track: str, plate: str, time_s: float, change_g: float) -> "Story":
        return self.reaches(track, plate, time_s).weighs(plate, time_s, -change_g)

    def returns(self, track: str, plate: str, time_s: float, change_g: float) -> "Story":
        return self.reaches(track, plate, time_s).weighs(plate, time_s, change_g)

    def leaves(self, visit: str, time_s: float) -> "Story":
        self.people.append(
            VisitLeaving(visit=VisitId(visit), time_us=to_us(time_s), causes=(MessageRef("gate"),))
        )
        return self

    def ordered(self) -> tuple[list[Signal], list[Signal]]:
        return sorted(self.people, key=heard_us), sorted(self.shelves, key=heard_us)


def heard_us(signal: Signal) -> int:
    return signal.settled_us if isinstance(signal, WeightStep) else signal.time_us


def hear(room: Attribution, signal: Signal) -> list[CartBelief]:
    match signal:
        case TrackMoved():
            room.move(signal)
        case WeightStep():
            return room.step(signal)
        case VisitorBound():
            room.bind(signal)
        case VisitLeaving():
            room.leave(signal)
        case PlateUnsettled():
            room.unsettle(signal)
    return []


def run(story: Story, room: Attribution | None = None) -> list[CartBelief]:
    """Hear both lanes in event order, then quiet time; return every belief."""
    room = room or new_room()
    people, shelves = story.ordered()
    found: list[CartBelief] = []
    time_us = 0
    for signal in sorted([*people, *shelves], key=heard_us):
        time_us = heard_us(signal)
        found += room.pass_time(people_us=time_us - 1, shelves_us=time_us - 1)
        found += hear(room, signal)
    end_us = time_us + to_us(10.0)
    return found + room.pass_time(people_us=end_us, shelves_us=end_us)


def finals(beliefs: list[CartBelief]) -> dict[str, CartBelief]:
    final = [belief for belief in beliefs if belief.kind == "final"]
    assert len({belief.visit for belief in final}) == len(final)
    return {belief.visit: belief for belief in final}


def cart(belief: CartBelief) -> dict[str, int]:
    return {line.gtin: line.quantity for line in belief.lines}


def posterior(belief: CartBelief, gtin: str) -> float:
    return next(line.posterior for line in (*belief.lines, *belief.doubts) if line.gtin == gtin)
