"""The service dies at every point of its loop; the next one finishes what it began, once."""

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.app.tiny_world import TinyEngine, World

VISITS = 3
POINTS = [
    ("engine", "handle", "before"),
    ("records", "commit", "before"),
    ("records", "commit", "after"),
    ("records", "save_snapshot", "before"),
    ("records", "save_snapshot", "after"),
    ("broker", "publish", "before"),
    ("broker", "publish", "after"),
    ("broker", "acknowledge", "before"),
    ("broker", "acknowledge", "after"),
]


class PowerCutError(BaseException):
    """Nothing that happens in the service may catch this."""


def cut_power(owner, name, when, nth):
    """Make the nth call of a method the last thing that happens; return how to undo that."""
    method, calls = getattr(owner, name), iter(range(1, 1_000_000))

    def wrapped(*args, **kwargs):
        call = next(calls)
        if call == nth and when == "before":
            raise PowerCutError
        result = method(*args, **kwargs)
        if call == nth:
            raise PowerCutError
        return result

    setattr(owner, name, wrapped)
    return lambda: delattr(owner, name)


def live_until_cut(world, point, nth, *, done):
    """Run a service until the power is cut, or until it is done."""
    owner, name, when = point
    parts = {"records": world.records(), "engine": TinyEngine(), "broker": world.broker}
    undo = cut_power(parts[owner], name, when, nth)
    try:
        world.start(
            records=parts["records"], engine=parts["engine"], snapshot_every_s=0.01, tick_s=0.001
        )
        world.until(done)
    finally:
        undo()
        world.service.abandon()


def finish(world):
    world.start()
    world.until(lambda: len(world.decided("charge_settled")) == VISITS)
    world.until(lambda: not world.broker.unacknowledged)
    world.service.close()
    world.service = None


def check_everything_happened_once(world):
    visits = [f"door-0-{number}" for number in range(VISITS)]
    assert sorted(world.decided("charge_requested")) == [f"{v}/charge" for v in visits]
    assert sorted(world.decided("charge_settled")) == [f"settled/{v}/charge" for v in visits]
    assert world.taken() == [100] * VISITS
    assert world.broker.retained == {f"stores/tiny/carts/{visit}": b"" for visit in visits}


@pytest.mark.parametrize("nth", [1, 3])
@pytest.mark.parametrize("point", POINTS, ids=" ".join)
def test_a_power_cut_loses_nothing_and_repeats_nothing(tmp_path, point, nth):
    world = World(tmp_path)
    for sequence in range(VISITS):
        world.broker.send_scan(sequence)
    with pytest.raises(PowerCutError):
        live_until_cut(world, point, nth, done=lambda: False)
    finish(world)
    check_everything_happened_once(world)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cuts=st.lists(st.tuples(st.sampled_from(POINTS), st.integers(1, 6)), max_size=5))
def test_however_many_power_cuts_each_visit_is_charged_once(tmp_path_factory, cuts):
    world = World(tmp_path_factory.mktemp("cuts"))
    for sequence in range(VISITS):
        world.broker.send_scan(sequence)
    for point, nth in cuts:
        with contextlib.suppress(PowerCutError):
            live_until_cut(
                world, point, nth, done=lambda: len(world.decided("charge_settled")) == VISITS
            )
    finish(world)
    check_everything_happened_once(world)
