"""The page that says why each line is on a receipt."""

import re
from html import unescape

import msgspec
import pytest

from store_engine.adapters.explanation_page import Case, Evidence, render_explanation
from store_engine.adapters.explanation_plots import colours_of
from store_engine.explanations import Concern
from tests.tiny_explanation import (
    ADA,
    BEA,
    DROP_G,
    NOISE_G,
    a_cluster,
    a_concern,
    a_receipt,
    told,
    traces_of,
)
from tests.tiny_store import WATER, tiny_store

ACCOUNTS = {ADA: "ada", BEA: "bea"}


def page_of(receipt=None, cluster=None, accounts=ACCOUNTS, concern=None) -> str:
    cluster = cluster or a_cluster()
    evidence = Evidence(tiny_store(), traces_of(cluster), accounts, "session.mcap")
    case = Case(receipt or a_receipt(), [concern or a_concern(cluster)])
    return render_explanation([case], evidence)


def words_of(page: str) -> str:
    body = page.split("</style>")[1]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def drawn(page: str, css: str) -> list[list[tuple[float, float]]]:
    """Return the points, in pixels, of every line of a class."""
    lines = re.findall(rf'class="{css}" points="([^"]*)"', page)
    return [[tuple(map(float, point.split(","))) for point in line.split()] for line in lines]


def grams_per_pixel(page: str) -> float:
    ticks = re.findall(r'y="([\d.]+)" text-anchor="end">([-+]?\d+) g<', page)
    (y, g), (other_y, other_g) = [(float(y), float(g)) for y, g in ticks][:2]
    return (g - other_g) / (y - other_y)


def test_a_line_says_what_was_charged_and_how_sure_that_is():
    words = words_of(page_of())
    assert "Charged 1.29 USD. Probably: exactly 1 is right with a" in words
    assert "probability of 90.0 %" in words


def test_a_line_that_was_not_sure_enough_says_so():
    line = msgspec.structs.replace(a_receipt().lines[0], charged=False)
    words = words_of(page_of(a_receipt(lines=(line,))))
    assert "Not charged (1.29 USD). We were not sure enough" in words


def test_every_explanation_stands_with_its_weight():
    words = words_of(page_of())
    assert "ada (door.0.1) took 1 x Water 90.0 %" in words
    assert "bea (door.0.2) took 1 x Water 8.0 %" in words
    assert "ada (door.0.1) took 1 x Cola 2.0 %" in words


def test_no_explanation_is_rounded_up_to_certainty():
    words = words_of(page_of(cluster=a_cluster(explanations=[told(WATER, ADA, 0.99999)])))
    assert "over 99.9 %" in words
    assert "100.0 %" not in words


def test_the_recorded_messages_behind_plates_people_and_line_are_named():
    words = words_of(page_of())
    assert "Recorded messages of the plates shelf-1/0/14 , shelf-1/0/17" in words
    assert "this line rests on shelf-1/0/14 , tracker/0/45" in words
    assert "0.00 m from 1-1-1 12:00:00.0 +2.0 tracker/0/45" in words


def test_the_plotted_level_drops_by_the_step_and_the_samples_follow():
    page = page_of()
    scale = grams_per_pixel(page)
    (before, after), (samples,) = drawn(page, "level g0"), drawn(page, "sample g0")
    assert (after[0][1] - before[0][1]) * scale == pytest.approx(DROP_G, abs=0.5)
    assert (samples[-1][1] - samples[0][1]) * scale == pytest.approx(DROP_G, abs=8 * NOISE_G)


def test_seen_hands_are_drawn_through_and_bodies_of_unseen_hands_dashed():
    page = page_of()
    assert len(drawn(page, "stroke c0")) == 1
    assert not drawn(page, "stroke dashed c0")
    (body,) = drawn(page, "stroke dashed c1")
    assert len({y for _, y in body}) == 1  # bea stands still
    assert not drawn(page, "stroke c1")


def test_the_visit_in_question_has_the_same_colour_on_every_plot():
    people = traces_of(a_cluster()).of(a_cluster()).people
    assert colours_of(people, ADA) == ["c0", "c1"]
    assert colours_of(people, BEA) == ["c1", "c0"]


def test_names_from_outside_are_escaped_everywhere():
    evil = "<script>alert('x')</script>"
    line = msgspec.structs.replace(a_receipt().lines[0], name=evil, causes=(evil,))
    page = page_of(a_receipt(account=evil, lines=(line,)), accounts={ADA: evil, BEA: evil})
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 6


def test_the_page_fetches_nothing_and_runs_nothing():
    page = page_of()
    assert not re.search(r"<script|<link|<img|src=|href=\"(?!#)|url\(|@import|http", page)


def test_what_led_to_no_line_is_told_apart():
    cluster = a_cluster()
    page = page_of(a_receipt(lines=()), cluster, concern=Concern(None, (cluster,)))
    assert "The receipt is empty. What led to no line" in words_of(page)
    assert len(drawn(page, "sample g0")) == 1


def test_a_plate_nothing_was_heard_of_is_still_explained():
    cluster = a_cluster(
        steps=[msgspec.to_builtins(a_cluster().steps[0]) | {"plate": "2-1-1"}], distances=[]
    )
    page = page_of(cluster=cluster)
    assert not drawn(page, "sample g0")
    assert "plate 2-1-1 became 621.0 g lighter" in words_of(page)
