"""Scenario files: small, checked, and bounded in time."""

from pathlib import Path

import numpy as np
import pytest
from aisle_store import CREDENTIALS, aisle_store, scripted_scene
from pydantic import ValidationError

from sim.scenarios import Scenario, load_scenario
from sim.world import arrivals, build_scene
from store_engine.errors import ConfigError

FOLDER = Path(__file__).parents[2] / "configs" / "scenarios"
FILES = ("demo", "quiet", "busy", "groups", "careless", "mixed")


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "odd.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", FILES)
def test_every_shipped_scenario_loads(name: str) -> None:
    scenario = load_scenario(FOLDER / f"{name}.toml")
    assert scenario.name == name
    assert scenario.shoppers


def test_the_demo_has_eight_shoppers_inside_at_once_and_ends_in_time() -> None:
    scenario = load_scenario(FOLDER / "demo.toml")
    scene = build_scene(scenario, aisle_store(), seed=1, credentials=CREDENTIALS)
    ways = [1 if p.direction == "in" else -1 for p in scene.passes]
    assert max(sum(ways[:i]) for i in range(len(ways) + 1)) >= 6
    assert scene.duration_s < 100.0


def test_the_number_of_shoppers_can_be_overridden() -> None:
    mixed = load_scenario(FOLDER / "mixed.toml").with_shoppers(2)
    scene = build_scene(mixed, aisle_store(), seed=0, credentials=CREDENTIALS)
    assert len(scene.people) == 2


def test_nobody_at_all_is_a_session_too() -> None:
    scenario = Scenario(name="empty", shoppers=0, tail_s=4.0)
    scene = build_scene(scenario, aisle_store(), seed=0, credentials=CREDENTIALS)
    assert scene.people == scene.loads == ()
    assert scene.duration_s == 4.0


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('name = "odd"', "nobody would come"),
        ('name = "odd"\nshoppers = -1', "shoppers: .* greater than or equal to 0, found -1"),
        ('name = "odd"\nshopers = 3', "shopers: Extra inputs are not permitted, found 3"),
        ('name = "odd"\nshoppers = 1\n[mix]\ntake = -1', "mix.take: .* 0, found -1"),
        ('name = "odd"\nshoppers = 1\nspeed_m_s = [1.0, 9.0]', "speed_m_s: .* limits are"),
        ('name = "odd"\nshoppers = 1\nactions_each = [5, 2]', "from 5 to 2 is not a range"),
        ('name = "odd', "not TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_file_entry_and_limit(
    tmp_path: Path, text: str, complaint: str
) -> None:
    with pytest.raises(ConfigError, match=rf"odd\.toml: .*{complaint}"):
        load_scenario(written(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.toml: cannot be read"):
        load_scenario(tmp_path / "gone.toml")


def test_sensors_and_faults_pass_through_untouched(tmp_path: Path) -> None:
    text = 'name="odd"\nshoppers=1\n[sensors]\nrate=7\n[[faults]]\nkind="dead_camera"\nat_s=3'
    scenario = load_scenario(written(tmp_path, text))
    assert scenario.sensors == {"rate": 7}
    assert scenario.faults == ({"kind": "dead_camera", "at_s": 3},)


@pytest.mark.parametrize(
    ("steps", "complaint"),
    [
        ([{"do": "return"}], "return needs gtin"),
        ([{"do": "take"}], "take needs gtin or plate"),
        ([{"do": "hand_over", "gtin": "1", "to": "zoe"}], "no other shopper 'zoe'"),
        ([{"do": "set_bag", "plate": "1-1-1"}], "set_bag needs mass_g"),
        ([{"do": "swap", "gtin": "1"}], "swap needs with"),
        ([{"do": "touch", "gtin": "1", "slow_s": 2.0}], "touch has no slow_s, only take has"),
        ([{"do": "wait", "side": "left"}], "wait has no side"),
        ([{"do": "take", "gtin": "1", "quantity": 9}], "less than or equal to 8"),
        ([{"do": "take", "gtin": "1", "sync": "now"}], "sync: nobody else has 'now'"),
    ],
)
def test_an_incomplete_script_is_refused(steps: list[dict[str, str]], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        Scenario.model_validate({"name": "odd", "scripted": [{"name": "ann", "steps": steps}]})


@pytest.mark.parametrize(
    ("step", "complaint"),
    [
        ({"do": "take", "gtin": "999"}, "no place for product 999"),
        ({"do": "return", "gtin": "00000013"}, "cannot return 00000013: not carried"),
        ({"do": "take", "gtin": "00000013", "also": "999"}, "also: no place for product 999"),
        ({"do": "take", "gtin": "00000013", "also": "00000025"}, "cannot take .* too far"),
        ({"do": "swap", "gtin": "1", "with": "999"}, "with: no place for product 999"),
        ({"do": "set_bag", "plate": "9-9-9", "mass_g": 300}, "no plate 9-9-9 in this store"),
    ],
)
def test_a_script_that_cannot_be_played_says_where(step: dict[str, str], complaint: str) -> None:
    with pytest.raises(ConfigError, match=f"scenario scripted: ann, step 0: {complaint}"):
        scripted_scene({"name": "ann", "steps": [step]})


def test_scripted_shoppers_keep_their_time_and_order() -> None:
    steps = [{"do": "take", "plate": "1-4-2", "at_s": 20.0}, {"do": "touch", "plate": "1-4-5"}]
    scene = scripted_scene({"name": "ann", "at_s": 2.0, "steps": steps})
    take, touch = scene.truth.actions
    assert (take.action, touch.action) == ("take", "touch")
    assert 20.0 <= take.time_s < touch.time_s


def test_a_session_that_never_ends_is_a_mistake() -> None:
    scenario = Scenario(name="long", shoppers=2, limit_s=8.0)
    with pytest.raises(ConfigError, match=r"scenario long: not over after 8 s: shopper-1"):
        build_scene(scenario, aisle_store(), seed=0, credentials=CREDENTIALS)


def test_without_credentials_nobody_can_come() -> None:
    with pytest.raises(ConfigError, match="scenario one: no credentials"):
        build_scene(Scenario(name="one", shoppers=1), aisle_store(), seed=0, credentials=())


def test_arrivals_are_a_poisson_process() -> None:
    scenario = Scenario(name="rush", arrivals_per_minute=30.0, arrivals_for_s=1800.0)
    times = [a.time_s for a in arrivals(scenario, np.random.default_rng(0))]
    gaps = np.diff(times)
    assert gaps.mean() == pytest.approx(2.0, rel=0.1)
    assert gaps.std() == pytest.approx(gaps.mean(), rel=0.1)


def test_people_of_a_group_come_together_on_one_entry() -> None:
    scenario = Scenario(name="pairs", shoppers=5, group_sizes=(0.0, 1.0))
    coming = arrivals(scenario, np.random.default_rng(0))
    assert len(coming) == 5
    assert [coming[0].entry is other.entry for other in coming] == [True, True, False, False, False]
