"""The check that the suite is fair sees what can be known, and what cannot."""

import pytest

from benchmarks.suite import CLASSES
from benchmarks.suite.decidable import judged, shares
from benchmarks.suite.movements import movements
from sim.reality import real_store
from sim.scenarios import Scenario, Script, Step
from sim.world import build_scene
from tests.benchmarks.suite_trials import cards, nanostore, scenario_of, scene_of

PICKED = "012000006494"  # the only product filed on its plates


def _verdicts(name, difficulty, seed):
    scenario = scenario_of(name, difficulty, seed)
    real = real_store(nanostore(), scenario.reality, scenario=scenario.name)
    return judged(scene_of(name, difficulty, seed), scenario, nanostore(), real)


def _alone(**words):
    step = Step(do="take", gtin=PICKED)
    scenario = Scenario.model_validate(
        {"name": "t", "scripted": (Script(name="ann", steps=(step,)),), **words}
    )
    scene = build_scene(scenario, nanostore(), seed=1, credentials=cards())
    return judged(scene, scenario, nanostore(), nanostore())


def test_a_lone_pick_is_decidable() -> None:
    (verdict,) = _alone()
    assert verdict.decidable


def test_a_pick_from_a_dead_shelf_is_not_decidable_by_weight() -> None:
    shelf = next(
        plates.shelf
        for plates in nanostore().map.plates.values()
        if PICKED in nanostore().map.products_on[plates.plate]
    )
    (verdict,) = _alone(faults=({"kind": "dead_cells", "shelf": shelf},))
    assert not verdict.by_weight


def test_a_pick_without_scales_is_not_decidable() -> None:
    (verdict,) = _alone(sensors={"weights": None})
    assert not verdict.by_weight


@pytest.mark.parametrize("name", ["same-moment", "crossing-arms", "very-close"])
def test_every_movement_of_close_people_has_an_actor_nearby(name) -> None:
    verdicts = _verdicts(name, "hard", 3)
    assert len(verdicts) >= 2
    assert all(verdict.margin_m > -0.05 for verdict in verdicts)


def test_movements_add_up_to_what_plates_lost() -> None:
    scene = scene_of("passed-around", "easy", 3)
    lost = sum(-load.change_g for load in scene.loads)
    moved = list(movements(scene, nanostore()))
    assert lost == pytest.approx(sum(-sum(m.changes.values()) for m in moved))


def test_the_only_undecidable_line_of_a_dead_shelf_is_the_one_from_it() -> None:
    verdicts = _verdicts("dead-shelf", "hard", 3)
    assert [v.by_weight for v in verdicts].count(False) == 1


def test_classes_with_undecidable_lines_say_what_is_missing() -> None:
    for name in ("dead-shelf", "same-mass-neighbour"):
        assert CLASSES[name].undecidable


def test_no_movements_are_all_decidable() -> None:
    assert shares([])["decidable"] == 1.0
