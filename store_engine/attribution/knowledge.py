"""What the scales taught about the store: true masses, and what lies where.

Nothing is learned twice from one step, and no step is ever its own witness: what it taught is
kept as long as the step is, and left out when that step is judged again. So a visit can be judged
by everything it taught itself, step by step by all the others.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from store_engine.attribution.clusters import Order
from store_engine.attribution.contents import (
    AS_LISTED,
    DOUBLED,
    OTHERS,
    OUTDATED,
    VISIT_NATS,
    Contents,
    Offer,
    Outlook,
    outlook,
    taught_by,
)
from store_engine.attribution.doubts import Doubts, Tally
from store_engine.attribution.mass import ProductMass, by_catalog, log_goods
from store_engine.attribution.planogram import ON_FACING, Place, Planogram
from store_engine.attribution.weighings import (
    Weighing,
    Weighings,
    believed,
    measured_var_g2,
    remembered,
    share_of_one_visit,
    weighings,
)
from store_engine.units import Gtin, MessageRef, PlateId

SEEN_FROM = 0.2  # posterior from which a product counts as seen there (guess)
WEIGHED_FROM = 0.5  # probability of being the listed goods, were the planogram right (guess)
ELSEWHERE_FROM = 0.9  # probability that a place holds what is listed, to be believed elsewhere

Key = tuple[Place, Gtin]


class Lesson(NamedTuple):
    """One lasting loss of weight that a visit caused, if it was goods."""

    orders: tuple[Order, ...]  # the steps it rests on
    plate: PlateId  # that lost most
    mass_g: float  # lost, > 0
    var_g2: float
    offers: tuple[Offer, ...]  # what it may have been of, likeliest first
    causes: tuple[MessageRef, ...]


class Taught(NamedTuple):
    """What one step added."""

    place: Place
    odds: Mapping[Gtin, float]
    weighed: Mapping[Gtin, Weighings]


_Found = tuple[Lesson, dict[Gtin, float], dict[Gtin, Weighings]]  # what it says of place and mass


class Changed(NamedTuple):
    """What is believed otherwise than before."""

    plates: frozenset[PlateId]
    masses: tuple[tuple[Gtin, float, float], ...]  # product, mean mass before and after


NO_CHANGE = Changed(frozenset(), ())


class Knowledge:
    """What is learned of one store, starting from planogram and catalog."""

    def __init__(self, planogram: Planogram) -> None:
        self._planogram = planogram
        self._contents: dict[Place, Contents] = {}
        self._weighed: dict[Key, Weighings] = {}
        self._taught: dict[Order, Taught] = {}
        self._listed = {gtin: by_catalog(product) for gtin, product in planogram.products.items()}
        self.doubts = Doubts()

    # ---- beliefs -----------------------------------------------------------------------------

    def outlook(self, plate: PlateId, besides: Iterable[Order] = ()) -> Outlook:
        """Return what a plate's place holds, as far as other steps than `besides` tell."""
        place = self._planogram.place[plate]
        contents = self._contents.get(place)
        if contents is None:
            return AS_LISTED
        for taught in self._lessons_of(besides):
            if taught.place == place:
                contents = contents.minus(taught.odds)
        return outlook(contents, {gtin: self._moved(place, gtin) for gtin in contents.odds})

    def _moved(self, place: Place, gtin: Gtin) -> float:
        """Return the prior odds that a place holds another product instead of what is listed.

        Products seldom lie in two places: less likely while it is taken where it is listed.
        """
        there = [self._contents.get(at) for at in self._planogram.places_of.get(gtin, ())]
        gone = math.exp(sum(contents.others for contents in there if contents is not None))
        prior = OUTDATED * self._planogram.share_of_moves(place, gtin)
        return prior * (DOUBLED + (1 - DOUBLED) * gone)

    def mass(
        self, gtin: Gtin, plate: PlateId | None = None, besides: Iterable[Order] = ()
    ) -> ProductMass:
        """Return what a product weighs, if taken from this plate, as other steps tell.

        Weighings at a place count elsewhere only while the place surely holds the product.
        """
        here = None if plate is None else self._planogram.place[plate]
        known = Weighings()
        for place in self._planogram.places_of.get(gtin, ()):
            found = self._weighed.get((place, gtin))
            sure = place == here or self.outlook(place).as_listed >= ELSEWHERE_FROM
            if found is not None and sure:
                known = known.plus(found)
        if not known.precision:
            return self._listed[gtin]
        for taught in self._lessons_of(besides):
            if gtin in taught.weighed:
                known = known.plus(taught.weighed[gtin], -1.0)
        return believed(known, self._planogram.products[gtin])

    def weighed(self, place: Place, gtin: Gtin) -> Weighings:
        """Return the weighings of a listed product at a place."""
        return self._weighed.get((place, gtin), Weighings())

    def _lessons_of(self, orders: Iterable[Order]) -> list[Taught]:
        found = [self._taught[order] for order in orders if order in self._taught]
        return [one for at, one in enumerate(found) if all(one is not it for it in found[:at])]

    # ---- learning ----------------------------------------------------------------------------

    def learn(self, takes: Sequence[Lesson], time_us: int) -> Changed:
        """Learn from one visit's takes, in event order; steps learned before are left out.

        time_us: when the visit is settled.
        """
        fresh = [take for take in takes if all(order not in self._taught for order in take.orders)]
        if not fresh:
            return NO_CHANGE
        places = {take.plate: self._planogram.place[take.plate] for take in fresh}
        before = self._views(fresh)
        for place in dict.fromkeys(places.values()):
            self._learn_at(place, [take for take in fresh if places[take.plate] == place])
            self._doubt_at(place, time_us)
        return _changes(before, self._views(fresh))

    def _learn_at(self, place: Place, takes: Sequence[Lesson]) -> None:
        """Learn from one visit's takes from one place."""
        visit = {gtin: Weighings() for gtin in self._planogram.facing[place]}
        found: list[_Found] = []
        for take in takes:
            odds = self._odds(place, take, visit)
            weighed = self._weighings(take)
            visit = {g: it.plus(weighed.get(g, Weighings())) for g, it in visit.items()}
            found.append((take, odds, weighed))
        share = _share_of_one_witness([odds for _, odds, _ in found])
        for take, ratios, weighed in found:
            odds = {gtin: share * it for gtin, it in ratios.items()}
            others = odds.pop(OTHERS)
            known = self._contents.get(place, Contents({}))
            after = self._contents[place] = known.plus(odds, others)
            named = {g: it - known.odds.get(g, known.others) for g, it in after.odds.items()}
            own = {g: it.times(share_of_one_visit(visit[g])) for g, it in weighed.items()}
            self._taught.update(dict.fromkeys(take.orders, Taught(place, named, own)))
        self._tally(place, found)
        for gtin, weighings_ in visit.items():
            if weighings_.pieces:
                fresh = weighings_.times(share_of_one_visit(weighings_))
                self._weighed[place, gtin] = remembered(self.weighed(place, gtin), fresh)

    def _tally(self, place: Place, found: Sequence[_Found]) -> None:
        """Count what a visit took: the listed goods, and what else it may well have been."""
        tallies: dict[Gtin, Tally] = {}
        for take, _, weighed in found:
            for one in take.offers:
                if one.gtin in weighed or one.posterior >= SEEN_FROM:
                    tally = Tally(0, one.quantity, take.plate, take.causes)
                    tallies[one.gtin] = tallies.get(one.gtin, Tally(1)).plus(tally)
        for gtin, tally in tallies.items():
            self.doubts.see((place, gtin), tally)

    def _doubt_at(self, place: Place, time_us: int) -> None:
        listed, outlook = self._planogram.facing[place], self.outlook(place)
        self.doubts.forget(place, frozenset((*listed, *self._contents[place].odds)))
        self.doubts.look_for_moved(place, listed, outlook, time_us)
        for gtin in listed:
            product = self._planogram.products[gtin]
            known = self.weighed(place, gtin)
            self.doubts.look_for_wrong(place, product, known, outlook, time_us)

    def _odds(
        self, place: Place, take: Lesson, visit: Mapping[Gtin, Weighings]
    ) -> dict[Gtin, float]:
        """Return a take's log likelihood ratios, given what the visit's earlier takes weighed."""
        listed = self._planogram.facing[place]
        fits = 1.0
        own = [one for one in take.offers if one.gtin in listed]
        if own and visit[own[0].gtin].pieces:
            gtin, quantity = own[0].gtin, own[0].quantity
            product = self._planogram.products[gtin]
            known = self.weighed(place, gtin)
            now = believed(remembered(known, visit[gtin]), product)
            was = believed(known, product)
            better, worse = (
                log_goods(take.mass_g, take.var_g2, ((mass, quantity),)) for mass in (now, was)
            )
            fits = math.exp(min(20.0, better - worse))
        return taught_by(take.offers, listed, fits)

    def _weighings(self, take: Lesson) -> dict[Gtin, Weighings]:
        """Return what a take says of its listed product, were the planogram right."""
        listed = self._planogram.facing[take.plate]
        own = [one for one in take.offers if one.gtin in listed]
        if not own:
            return {}
        one = own[0]
        fit = ON_FACING * one.likelihood / len(listed)
        rest = max(0.0, 1.0 - sum(it.posterior * (1 - it.astray / it.prior) for it in take.offers))
        weight = fit / (fit + rest)
        if weight < WEIGHED_FROM:
            return {}
        product = self._planogram.products[one.gtin]
        off_g = take.mass_g / one.quantity - product.mass_g
        var_g2 = measured_var_g2(take.var_g2, one.quantity)
        return {one.gtin: weighings(Weighing(off_g, var_g2, one.quantity, weight), product)}

    def _views(self, takes: Sequence[Lesson]) -> "_Views":
        """Return all that is believed of what these takes may change, and of the takes themselves.

        Takes are judged by what the others tell, which may change where the sum of all does not.
        """
        spots: list[Spot] = [(it.plate, it.orders) for it in takes]
        facing, places = self._planogram.facing, [self._planogram.place[it.plate] for it in takes]
        listed = {gtin for place in places for gtin in facing[place]}
        places += [p for p, it in self._contents.items() if not listed.isdisjoint(it.odds)]
        spots += [(place, ()) for place in places]
        return _Views(
            {spot: self.outlook(*spot) for spot in spots},
            {(s, g): self.mass(g, *s) for s in spots for g in facing[s[0]]},
            {gtin: self.mass(gtin) for plate, _ in spots for gtin in facing[plate]},
        )

    # ---- memory ------------------------------------------------------------------------------

    def keep_only(self, orders: Iterable[Order]) -> None:
        """Drop what is remembered of single steps, except of these."""
        kept = frozenset(orders)
        self._taught = {order: it for order, it in self._taught.items() if order in kept}

    def snapshot(self) -> dict[str, Any]:
        """Return everything learned as plain values."""
        return {
            "doubts": self.doubts.snapshot(),
            "contents": [[p, dict(it.odds), it.others] for p, it in self._contents.items()],
            "weighed": [[*key, list(it)] for key, it in self._weighed.items()],
            "taught": [
                [list(order), it.place, dict(it.odds), {g: list(w) for g, w in it.weighed.items()}]
                for order, it in self._taught.items()
            ],
        }

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Know what was known at `snapshot`."""
        self.doubts.restore(snapshot["doubts"])
        self._contents = {p: Contents(odds, others) for p, odds, others in snapshot["contents"]}
        self._weighed = {(p, g): Weighings(*it) for p, g, it in snapshot["weighed"]}
        self._taught = {}
        last: Taught | None = None
        for order, place, odds, weighed in snapshot["taught"]:
            one = Taught(place, odds, {g: Weighings(*it) for g, it in weighed.items()})
            last = last if last == one else one
            self._taught[order[0], order[1], order[2]] = last


Spot = tuple[PlateId, tuple[Order, ...]]  # a plate, and the steps that are judged


class _Views(NamedTuple):
    outlooks: Mapping[Spot, Outlook]
    here: Mapping[tuple[Spot, Gtin], ProductMass]
    elsewhere: Mapping[Gtin, ProductMass]


def _share_of_one_witness(odds: Sequence[Mapping[Gtin, float]]) -> float:
    """Return by how much to scale a visit's evidence on one place."""
    sums = Counter[Gtin]()
    for one in odds:
        sums.update(one)
    return min(1.0, VISIT_NATS / max(1e-9, *map(abs, sums.values()), 0.0))


def _changes(before: _Views, after: _Views) -> Changed:
    plates = [spot[0] for spot, it in after.outlooks.items() if it != before.outlooks[spot]]
    plates += [spot[0] for (spot, g), it in after.here.items() if it != before.here[spot, g]]
    masses = tuple(
        (gtin, before.elsewhere[gtin].mean_g, mass.mean_g)
        for gtin, mass in after.elsewhere.items()
        if mass != before.elsewhere[gtin]
    )
    return Changed(frozenset(plates), masses)
