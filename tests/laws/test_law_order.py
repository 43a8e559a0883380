"""Law: the order in which messages arrive, inside the watermark, changes nothing told."""

import pytest
from disorder import Disorder, disturbed, slowed
from hypothesis import example, given
from hypothesis import strategies as st
from law_sessions import Trial, few, outcome, session, undisturbed

from store_engine.messages import GateCrossing, ShelfWeights

TRIALS = (
    Trial("same-moment", "medium", 3),
    Trial("very-close", "hard", 5),
    Trial("returned-by-another", "easy", 4),
    Trial("put-back", "medium", 3, cameras=3),
)
SEEDS, SHARES = st.integers(0, 2**32), st.sampled_from((0.05, 0.3, 1.0))


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.name)
@few(4)
@given(seed=SEEDS, delayed=SHARES, repeated=SHARES)
def test_order_of_arrival_changes_no_byte_of_what_is_told(trial, seed, delayed, repeated):
    store, _, arrivals = session(trial)
    heard = disturbed(arrivals, Disorder(seed, delayed, repeated))
    assert outcome(store, heard) == undisturbed(trial)


def test_a_disturbed_session_truly_arrives_in_another_order():
    arrivals = session(TRIALS[0]).arrivals
    late = disturbed(arrivals, Disorder(1, 0.3, 0.1))
    refs, late_refs = ([one.message.ref for one in them] for them in (arrivals, late))
    assert len(late_refs) > len(refs)
    assert list(dict.fromkeys(late_refs)) != refs


def test_a_crossing_that_comes_late_inside_the_watermark_keeps_its_moment():
    store, _, arrivals = session(TRIALS[0])
    late = disturbed(arrivals, Disorder(1, 1.0, 0.0, kinds=(GateCrossing,)))
    assert outcome(store, late).receipts == undisturbed(TRIALS[0]).receipts


@few(4)
@given(by_us=st.integers(1, 130_000))
@example(by_us=45_000)  # once taken for a clock that is off
def test_a_slower_network_inside_the_tolerance_of_clocks_moves_no_step(by_us):
    store, _, arrivals = session(TRIALS[0])
    got = outcome(store, slowed(arrivals, ShelfWeights, by_us=by_us))
    moments = [told["moment_us"] for told in got.explained]
    assert moments == [told["moment_us"] for told in undisturbed(TRIALS[0]).explained]
