"""All classes, in the order of a report, and the one way to draw a trial of them."""

import zlib
from collections.abc import Iterator, Mapping

import numpy as np

from benchmarks.suite import crowds, pairs, passing, single, things
from benchmarks.suite.draws import Range
from benchmarks.suite.words import DIFFICULTIES, Difficulty, Make, Origin, TrialClass
from sim.scenarios import Scenario
from store_engine.store import Store

TUNING_SEEDS = range(1_000)  # of sessions: for whoever builds or tunes an engine
REPORTING_SEEDS = range(1_000, 2_000)  # of sessions: for published tables, looked at once

# What the data cannot decide, per class; shares as `python -m benchmarks.suite` measures them.
UNDECIDABLE: Mapping[str, str] = {
    "dead-shelf": (
        "hard: a pick from a shelf whose scales are dead leaves no weight, only a reach: which"
        " product, how many, whether any; one of four lines"
    ),
    "same-mass-neighbour": (
        "where the stray unit and a unit of its new neighbour weigh the same within what a plate"
        " resolves (about 1 g), nothing but a camera tells which one was taken; about one"
        " movement in thirty at medium and hard"
    ),
    "returned-by-another": (
        "hard: where what was handed over and the returner's own unit weigh the same within about"
        " 1 g, either may have come back; about one movement in thirty"
    ),
    "look-alike-swap": (
        "medium and hard: where the two units happen to differ by less than a noisy plate shows"
        " (about 10 g), a swap looks like lifting and setting down; under one movement in fifty"
    ),
    "restocking": (
        "hard: where staff and shopper have their hands over one plate, wrists do not tell whose"
        " unit went; about one movement in twenty-five"
    ),
    "wrong-planogram": (
        "medium and hard: a unit far from its product's mean also fits another product of the"
        " gondola; about one movement in thirty"
    ),
    "crossing-arms": (
        "medium and hard: two hands at times come within a tracker's error of one another; about"
        " one movement in forty"
    ),
    "very-close": (
        "medium and hard: at 0.45 m to 0.52 m two hands at times come within a tracker's error"
        " of one another; about one movement in thirty"
    ),
}


def _competition() -> Iterator[TrialClass]:
    """Yield the classes of the AutoCheckout competition (CPS-IoT Week 2020)."""
    for name, title, make in (
        ("simple-picks", "one product each from several gondolas", single.simple_picks),
        ("put-back", "something taken is put back in its place", single.put_back),
        ("put-back-elsewhere", "put back in a wrong place", single.put_back_elsewhere),
        ("double-mass", "one unit weighs as much as two of another product", pairs.double_mass),
        ("crossing-arms", "two people take what is before the other", pairs.crossing_arms),
        ("two-at-once", "both hands take neighbouring products at once", pairs.two_at_once),
        ("many-quickly", "many units, quickly one by one", single.many_quickly),
        ("very-slow", "a product is lifted off very slowly", single.very_slow),
        ("touch-only", "products are touched and lifted, and not taken", single.touch_only),
        ("left-on-floor", "something taken is left on the floor", single.left_on_floor),
        ("large-grab", "many units in one grip", single.large_grab),
        ("retake", "taken, put back and taken again", single.retake),
        ("empty-visit", "somebody looks round and leaves with nothing", single.empty_visit),
    ):
        yield _class(name, title, "competition", make)


def _peer_bad() -> Iterator[TrialClass]:
    """Yield the classes that MPS (2020) published as its worst, with the F1 it published."""
    for name, title, f1, make in (
        (
            "passed-around",
            "three people take much and pass things on",
            (0.28, 0.28),
            passing.passed_around,
        ),
        (
            "long-hold",
            "a product is held on the shelf for long before it leaves",
            (0.28, 0.33),
            single.long_hold,
        ),
        ("exchange", "two shoppers exchange what they took", (0.50, 0.50), passing.exchange),
        (
            "same-mass-neighbour",
            "a product is put among others of the same mass",
            (0.50, 0.67),
            pairs.same_mass_neighbour,
        ),
        (
            "same-moment",
            "two take the same product at the same moment",
            (0.67, 0.67),
            pairs.same_moment,
        ),
        ("very-close", "two shop shoulder to shoulder", (0.83, 0.83), pairs.very_close),
    ):
        yield _class(name, title, "peer-bad", make, peer_f1=f1)


def _ours() -> Iterator[TrialClass]:
    """Yield what else goes wrong in shops."""
    for name, title, make in (
        ("narrow-aisle", "five to eight shoppers in a narrow aisle", crowds.narrow_aisle),
        ("group-entry", "several people on one entry", crowds.group_entry),
        ("look-alike-swap", "swapped for one that weighs the same", pairs.look_alike_swap),
        ("bag-on-shelf", "a bag stands on the shelf for a while", things.bag_on_shelf),
        ("child-reaching", "a child takes, a stranger reaches over it", crowds.child_reaching),
        (
            "returned-by-another",
            "one takes it, another puts it back",
            passing.returned_by_another,
        ),
        ("restocking", "staff fill a shelf during opening hours", things.restocking),
        ("wrong-planogram", "two products stand in each other's place", things.wrong_planogram),
        ("wrong-mass", "a product weighs other than the catalog says", things.wrong_mass),
        ("dead-camera", "some cameras are dead", things.dead_camera),
        ("dead-shelf", "the scales of one shelf are dead", things.dead_shelf),
        ("drifting-shelf", "the scales of one shelf drift", things.drifting_shelf),
        ("confusing", "four of ten actions are meant to confuse", crowds.confusing),
    ):
        yield _class(name, title, "ours", make)


def _class(
    name: str, title: str, origin: Origin, make: Make, *, peer_f1: Range | None = None
) -> TrialClass:
    missing = UNDECIDABLE.get(name, "")
    return TrialClass(
        name=name, title=title, origin=origin, make=make, peer_f1=peer_f1, undecidable=missing
    )


CLASSES: Mapping[str, TrialClass] = {
    trial_class.name: trial_class for trial_class in (*_competition(), *_peer_bad(), *_ours())
}


def trial(name: str, difficulty: Difficulty, *, seed: int, store: Store) -> Scenario:
    """Return one trial of a class; the same seed gives the same scenario.

    Raises `ConfigError` when the store has no products or places that fit the class's rules.
    """
    trial_class = CLASSES[name]
    key = [seed, zlib.crc32(name.encode()), DIFFICULTIES.index(difficulty)]
    scenario = trial_class.make(difficulty, np.random.default_rng(key), store)
    return scenario.model_copy(update={"name": f"{name}-{difficulty}", "note": trial_class.title})
