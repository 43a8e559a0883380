"""The plots of an explanation in a terminal."""

from store_engine.cli.sparklines import COLUMNS, sparklines
from tests.tiny_explanation import a_cluster, traces_of


def lines_of(cluster) -> list[str]:
    trace = traces_of(cluster).of(cluster)
    return [line.plain for line in sparklines(cluster, trace, ["ada", "bea"])]


def test_a_plate_falls_from_its_level_before_to_its_level_after():
    plate = lines_of(a_cluster())[0]
    assert plate.startswith("  plate 1-1-1")
    assert plate.endswith("-621.0 g")
    assert "████▁▁▁▁" in plate


def test_a_hand_comes_near_at_the_step_and_an_unseen_one_is_told_by_the_body():
    _, ada, bea, axis = lines_of(a_cluster())
    assert ada[axis.index("^")] == "▁"
    assert ada.endswith("hand 0.00 m")
    assert bea.endswith("body 1.25 m")


def test_every_line_fits_a_narrow_terminal_over_one_axis():
    lines = lines_of(a_cluster())
    assert max(len(line) for line in lines) <= 80
    assert all(len(line) > COLUMNS for line in lines)
