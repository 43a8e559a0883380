"""The answer key: who owes what, whoever carried it out."""

from collections import Counter
from pathlib import Path

import pytest
from aisle_store import CREDENTIALS, aisle_store, crowded_scene, scripted_scene

from sim.scenarios import Scenario
from sim.truth import read_truth, write_truth
from sim.world import build_scene
from store_engine.errors import RecordingError

TAKE = {"do": "take", "plate": "1-4-2"}
GTIN = "00000013"  # stands there
ELSEWHERE = "4-3-1"


@pytest.mark.parametrize("seed", [1, 2])
def test_visits_owe_what_their_people_took_and_did_not_put_back(seed: int) -> None:
    truth = crowded_scene(seed).truth
    signs = {"take": 1, "return": -1, "misplace": -1}
    balance = Counter({(a.person, a.gtin): 0 for a in truth.actions})
    for action in truth.actions:
        balance[action.person, action.gtin] += signs.get(action.action, 0) * action.quantity
    for visit in truth.visits:
        owed = Counter[str]()
        for (person, gtin), quantity in balance.items():
            owed[gtin] += quantity if person in visit.people else 0
        assert +owed == dict(visit.items)


def test_everybody_is_on_exactly_one_visit() -> None:
    scene = crowded_scene()
    people = [person for visit in scene.truth.visits for person in visit.people]
    assert sorted(people) == sorted(body.person for body in scene.people)


def test_an_account_is_inside_once_at_a_time() -> None:
    visits = crowded_scene().truth.visits
    for i, one in enumerate(visits):
        for two in visits[:i]:
            if one.account == two.account:
                assert one.entered_s > two.left_s


def test_what_is_put_back_is_not_owed_wherever_it_is_put() -> None:
    for back in (
        {"do": "return", "gtin": GTIN},
        {"do": "misplace", "gtin": GTIN, "plate": ELSEWHERE},
    ):
        truth = scripted_scene({"name": "ann", "steps": [TAKE, back]}).truth
        assert [action.action for action in truth.actions] == ["take", back["do"]]
        assert truth.visits[0].items == {}


def test_a_misplaced_item_stands_where_it_was_put() -> None:
    step = {"do": "misplace", "gtin": GTIN, "plate": ELSEWHERE}
    scene = scripted_scene({"name": "ann", "steps": [TAKE, step]})
    put = {load.plate: load.change_g for load in scene.loads if load.change_g > 0}
    assert ELSEWHERE in put


def test_the_picker_pays_for_what_they_hand_over() -> None:
    ann = {"name": "ann", "steps": [TAKE, {"do": "hand_over", "gtin": GTIN, "to": "ben"}]}
    ben = {"name": "ben", "at_s": 1.0, "steps": [{"do": "browse", "plate": "2-4-2", "seconds": 9}]}
    truth = scripted_scene(ann, ben).truth
    given = next(action for action in truth.actions if action.action == "hand_over")
    assert (given.person, given.to_person) == ("ann", "ben")
    assert [dict(visit.items) for visit in truth.visits] == [{GTIN: 1}, {}]


def test_what_was_handed_over_is_seen_in_the_other_hand() -> None:
    ann = {"name": "ann", "steps": [TAKE, {"do": "hand_over", "gtin": GTIN, "to": "ben"}]}
    ben = {"name": "ben", "at_s": 1.0, "steps": [{"do": "browse", "plate": "2-4-2", "seconds": 9}]}
    scene = scripted_scene(ann, ben)
    given = next(action for action in scene.truth.actions if action.action == "hand_over")
    one, two = scene.people
    assert one.in_hand(given.time_s - 0.2) == (GTIN,) == two.in_hand(given.time_s + 0.2)
    assert one.in_hand(given.time_s + 0.2) == () == two.in_hand(given.time_s - 0.2)


def test_the_picker_is_credited_when_somebody_else_returns_it() -> None:
    ann = {"name": "ann", "steps": [TAKE, {"do": "hand_over", "gtin": GTIN, "to": "ben"}]}
    browse = {"do": "browse", "plate": "2-4-2", "seconds": 9}
    ben = {"name": "ben", "at_s": 1.0, "steps": [browse, {"do": "return", "gtin": GTIN}]}
    truth = scripted_scene(ann, ben).truth
    assert truth.actions[-1].person == "ben"
    assert [dict(visit.items) for visit in truth.visits] == [{}, {}]


def test_a_group_on_one_entry_owes_one_receipt() -> None:
    ann = {"name": "ann", "steps": [TAKE]}
    ben = {"name": "ben", "with": "ann", "steps": [{"do": "take", "plate": ELSEWHERE}]}
    scene = scripted_scene(ann, ben)
    (visit,) = scene.truth.visits
    assert visit.people == ("ann", "ben")
    assert sum(visit.items.values()) == 2
    assert [scan.credential for scan in scene.scans] == [visit.credential] * 2


def test_a_tailgater_owes_nothing_because_nobody_knows_them() -> None:
    ann, tail = {"name": "ann", "steps": [TAKE]}, {"name": "tail", "scan": False, "steps": [TAKE]}
    scene = scripted_scene(ann, tail)
    assert len(scene.scans) == 1
    assert len(scene.passes) == 4
    assert [visit.people for visit in scene.truth.visits] == [("ann",)]


def test_with_one_account_shoppers_come_one_after_the_other() -> None:
    scenario = Scenario(name="queue", shoppers=2, arrivals_per_minute=60.0, actions_each=(1, 1))
    scene = build_scene(scenario, aisle_store(), seed=0, credentials=CREDENTIALS[:1])
    first, second = scene.truth.visits
    assert first.left_s < second.entered_s


def test_truth_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "truth.json"
    write_truth(crowded_scene().truth, path)
    assert read_truth(path) == crowded_scene().truth


def test_a_file_that_is_no_truth_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text('{"store": 1}')
    with pytest.raises(RecordingError, match=r"other\.json: not a truth file"):
        read_truth(path)
    with pytest.raises(RecordingError, match=r"missing\.json: cannot be read"):
        read_truth(tmp_path / "missing.json")
