import re
from xml.etree import ElementTree as ET

import pytest
from test_scaling_fits import points

from benchmarks.confusion.crowd import MIX, confusing_share
from benchmarks.plain_plots import log_span, log_ticks, ticks_up_to
from benchmarks.scaling.command import fitted
from benchmarks.scaling.plots import cost_plot, legend
from sim.scene import Action, Truth

LINEAR = fitted("shoppers", "96 shelves", "shoppers", points((1, 2.0), (2, 4.0), (4, 8.0)))


def test_a_plot_is_a_file_of_its_own_with_its_points_and_its_exponent():
    svg = cost_plot([LINEAR], title="Cost against shoppers", axis="people inside at once")
    root = ET.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "96 shelves: exponent 1.00" in "".join(root.itertext())
    assert svg.count("<title>") == len(LINEAR.points)


def test_linear_cost_lies_on_the_dashed_line():
    svg = cost_plot([LINEAR], title="", axis="")
    drawn, dashed = (
        re.search(f'class="{css}" points="([^"]+)"', svg).group(1).split()[-1].split(",")
        for css in ("line c0", "linear")
    )
    assert drawn == dashed


def test_what_shoppers_add_is_told_where_the_empty_shop_is_known():
    series = fitted("s", "nanostore", "shoppers", points((1, 3.0), (2, 4.0)), empty_s=2.0)
    assert legend(series) == "nanostore: exponent 0.42, of what shoppers add 1.00"


def test_ticks_are_round_numbers_inside_the_axis():
    span = log_span([10, 300])
    assert [round(10**tick) for tick in log_ticks(span)] == [10, 20, 50, 100, 200]
    assert ticks_up_to(12.0) == [0.0, 5.0, 10.0]
    assert ticks_up_to(0.9)[-1] == pytest.approx(0.8)


def test_eight_of_ten_things_the_crowd_wants_to_do_confuse():
    plain = sum(MIX[kind] for kind in ("take", "take_several", "browse"))
    assert plain / sum(MIX.values()) <= 0.2


def test_the_confusing_share_counts_what_was_done():
    done = [Action(time_s=0.0, person="a", action=kind) for kind in ("take", "touch", "return")]
    truth = Truth(store="s", scenario="c", seed=0, start_us=0, visits=(), actions=tuple(done))
    assert confusing_share(truth) == pytest.approx(2 / 3)
