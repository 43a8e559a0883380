"""What is kept of a recording for the plots of an explanation."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_engine.attribution.reach import PALM_M
from store_engine.attribution.volume import Volume
from store_engine.cli.replaying import replay_file
from store_engine.explanations import Cluster, typed
from store_engine.store_files import load_store
from store_engine.traces import NEARBY_M, Traces
from store_engine.units import PlateId, to_us
from tests.tiny_explanation import ADA, DROP_G, NOISE_G, a_cluster, at, moved, traces_of
from tests.tiny_store import tiny_store

ROOT = Path(__file__).parents[2]
STORE = ROOT / "configs" / "nanostore"
FIXTURE = ROOT / "fixtures" / "three-shoppers.mcap"


@pytest.fixture(scope="module")
def recorded() -> tuple[list[Cluster], Traces]:
    first = replay_file(FIXTURE, STORE)
    clusters = [one for told in first.explained.values() for one in typed(told)]
    traces = Traces(clusters, load_store(STORE).map)
    again = replay_file(FIXTURE, STORE, onlooker=traces)
    assert again.events == first.events  # looking on changes nothing
    return clusters, traces


def test_the_levels_around_a_step_differ_by_it_within_the_noise():
    cluster = a_cluster()
    (plate,) = traces_of(cluster).of(cluster).plates
    (step,) = cluster.steps
    assert plate.after_g(step) - plate.before_g(step) == pytest.approx(DROP_G, abs=NOISE_G)


def test_the_levels_in_a_recording_differ_by_what_the_engine_says(recorded):
    clusters, traces = recorded
    assert len(clusters) >= 9
    for cluster in clusters:
        for plate, step in zip(traces.of(cluster).plates, cluster.steps, strict=True):
            found_g = plate.after_g(step) - plate.before_g(step)
            assert found_g == pytest.approx(step.change_g, abs=max(3.0, 5 * step.std_g))


def test_the_plotted_wrist_is_within_a_palm_of_what_the_inference_judged_by(recorded):
    clusters, traces = recorded
    judged = 0
    for cluster in clusters:
        people = {person.track: person for person in traces.of(cluster).people}
        for reach in cluster.nearest:
            if reach.by == "hand" and reach.track in people:
                person = people[reach.track]
                shown_m = person.shown_m(reach.time_us)
                assert shown_m == pytest.approx(reach.distance_m, abs=PALM_M + 1e-9)
                judged += 1
    assert judged >= 9


def test_only_the_seconds_around_the_steps_are_kept():
    cluster = a_cluster()
    trace = traces_of(cluster).of(cluster)
    (plate,) = trace.plates
    assert trace.span == (at(-3.5), at(3.2))
    assert plate.times_us.min() >= at(-3.5)
    assert plate.times_us.max() <= at(3.2)
    assert len(plate.times_us) == pytest.approx(6.7 * 50, abs=2)


def test_a_reading_that_is_missing_leaves_a_gap():
    step = msgspec.to_builtins(a_cluster().steps[0]) | {"plate": "1-1-2"}  # its cell says null
    cluster = a_cluster(steps=[step])
    (plate,) = traces_of(cluster).of(cluster).plates
    assert len(plate.grams) > 300
    assert all(gram != gram for gram in plate.grams)


def test_people_are_named_by_the_last_word_and_sorted_by_nearness():
    cluster = a_cluster()
    near, by = traces_of(cluster).of(cluster).people
    assert (near.track, near.visit, near.nearest_m) == ("t1", ADA, pytest.approx(0.0))
    assert by.track == "t2"
    assert by.nearest_m == pytest.approx(1.25, abs=0.01)


def test_who_stays_far_away_is_left_out():
    cluster = a_cluster()
    traces = Traces([cluster], tiny_store().map)
    traces.moved(moved("t3", 0.0, y=0.25 - NEARBY_M - 0.1, hand=None))
    assert traces.of(cluster).people == ()


def test_a_long_contact_is_shown_around_its_moment_only():
    step = msgspec.to_builtins(a_cluster().steps[0]) | {"began_us": at(-600.0)}
    cluster = a_cluster(steps=[step])
    span = Traces([cluster], tiny_store().map).of(cluster).span
    assert span.until_us - span.since_us < to_us(25.0)


metres = st.floats(-3.0, 3.0)


@given(x=metres, y=metres, z=metres)
def test_a_plate_measures_distance_as_the_inference_does(x, y, z):
    plate = tiny_store().map.plates[PlateId("2-1-2")]
    assert plate.distance_m(x, y, z) == pytest.approx(Volume(plate).distance_m(x, y, z))
