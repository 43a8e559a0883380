import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_engine.messages import (
    Arrival,
    CameraFrame,
    DeviceStatus,
    GateCrossing,
    ShelfWeights,
    Tick,
    TrackedPeople,
)
from store_engine.ordering import NEVER_HEARD_US, Ordered, Ordering
from store_engine.store import Policy
from tests.tiny_store import tiny_store

STORE = tiny_store()
T0 = 1_700_000_000_000_000
LATENCY_US = 50_000
RATE_HZ = 60
NEVER_HEARD_MS = NEVER_HEARD_US / 1_000
COUNTS = {ShelfWeights: 20, GateCrossing: 20, CameraFrame: 40}  # in a drawn session


def ordering() -> Ordering:
    return Ordering(STORE.map, Policy())


def at(ms: float) -> int:
    return T0 + round(ms * 1_000)


def batch(
    sequence: int, ms: float, *, boot: int = 0, late_ms: float = 0, samples: int = 1
) -> Arrival:
    message = ShelfWeights(
        device="shelf-1",
        boot=boot,
        sequence=sequence,
        time_us=at(ms),
        rate_hz=RATE_HZ,
        samples=((0.0, None, 0.0),) * samples,
    )
    return Arrival(message, at(ms + samples * 1_000 / RATE_HZ + late_ms) + LATENCY_US)


def crossing(sequence: int, ms: float, *, received_ms: float) -> Arrival:
    message = GateCrossing(device="door", sequence=sequence, time_us=at(ms), direction="out")
    return Arrival(message, at(received_ms) + LATENCY_US)


def frame(sequence: int, ms: float, *, received_ms: float | None = None) -> Arrival:
    message = CameraFrame(device="cam", sequence=sequence, time_us=at(ms), people=())
    return Arrival(message, at(ms if received_ms is None else received_ms) + LATENCY_US)


def people(sequence: int, ms: float) -> Arrival:
    message = TrackedPeople(device="tracker", sequence=sequence, time_us=at(ms), people=())
    return Arrival(message, at(ms) + LATENCY_US)


def tick(ms: float) -> Arrival:
    return Arrival(Tick(device="clock", sequence=0, time_us=at(ms)), at(ms))


def run(ordering: Ordering, arrivals: list[Arrival]) -> list[object]:
    return [
        ordered.message
        for arrival in arrivals
        for ordered in ordering.admit(arrival)
        if not isinstance(ordered.message, Tick)
    ]


def sequences(messages: list[object]) -> list[int]:
    return [message.sequence for message in messages]


def test_shelf_batches_leave_at_once():
    assert sequences(run(ordering(), [batch(0, 0), batch(1, 200)])) == [0, 1]


def test_repeated_sequence_numbers_are_heard_once():
    order = ordering()
    assert sequences(run(order, [batch(0, 0), batch(1, 200), batch(1, 200), batch(0, 0)])) == [0, 1]
    assert order.counters["duplicates"] == 2


def test_swapped_batches_are_put_back_in_sequence():
    arrivals = [batch(0, 0), batch(2, 400), batch(1, 200), batch(3, 600)]
    assert sequences(run(ordering(), arrivals)) == [0, 1, 2, 3]


def test_a_missing_batch_is_given_up_after_the_watermark_and_counted():
    order = ordering()
    assert sequences(run(order, [batch(0, 0), batch(2, 400), tick(500)])) == [0]
    assert sequences(run(order, [tick(900)])) == [2]
    assert order.counters["gaps"] == 1


def test_a_device_that_reboots_starts_a_new_life():
    arrivals = [
        batch(7, 0),
        batch(8, 200),
        batch(0, 400, boot=1),
        batch(9, 300),
        batch(1, 600, boot=1),
    ]
    assert sequences(run(ordering(), arrivals)) == [7, 8, 0, 1]


def test_a_sequence_that_starts_again_with_newer_time_loses_nothing():
    order = ordering()
    assert sequences(run(order, [batch(7, 0), batch(0, 200), batch(1, 400)])) == [7, 0, 1]
    assert order.counters["sequence_restarts"] == 1


def test_frames_and_crossings_come_out_in_event_time_over_all_devices():
    passed = crossing(0, 120, received_ms=130)
    arrivals = [frame(0, 0), people(0, 10), frame(1, 150), passed, people(1, 200)]
    out = run(ordering(), [*arrivals, tick(700)])
    assert [message.time_us for message in out] == [at(0), at(10), at(120), at(150), at(200)]


def test_a_dead_camera_delays_people_by_the_watermark_only():
    order = ordering()
    assert run(order, [people(0, 0), people(1, 100), tick(300)]) == []
    assert sequences(run(order, [tick(500)])) == [0, 1]


def test_a_device_that_was_never_heard_is_waited_for_in_the_beginning_only():
    order = ordering()
    run(order, [people(0, 0), tick(NEVER_HEARD_MS), people(1, NEVER_HEARD_MS)])
    assert order.people_us < at(NEVER_HEARD_MS)
    run(order, [tick(NEVER_HEARD_MS + 500), people(2, NEVER_HEARD_MS + 500)])
    assert order.people_us == at(NEVER_HEARD_MS + 500)


def test_a_device_that_was_ever_heard_is_waited_for_however_long_it_is_silent():
    order = ordering()
    run(order, [frame(0, 0), people(0, 0), tick(60_000), people(1, 60_000)])
    assert order.people_us == at(60_000 - Policy().watermark_ms)


def test_a_device_that_is_heard_for_the_first_time_is_waited_for_from_then_on():
    order = ordering()
    run(order, [people(0, 0), tick(10_000), frame(0, 10_000), people(1, 10_100)])
    assert order.people_us == at(10_000)


def test_a_device_that_is_first_heard_in_a_backlog_loses_nothing():
    order = ordering()
    backlog = [people(n, n * 100.0) for n in range(100)] + [frame(n, n * 100.0) for n in range(100)]
    assert len(run(order, [*backlog, tick(10_000)])) == 200
    assert order.counters["late"] == 0


def test_a_late_frame_is_dropped_and_counted_but_a_late_crossing_is_not():
    order = ordering()
    run(order, [frame(0, 0), tick(2_000)])
    late = [frame(1, 100, received_ms=2_000), crossing(0, 500, received_ms=2_010)]
    out = [ordered for arrival in late for ordered in order.admit(arrival)]
    assert out == [Ordered(at(500), late[1].message)]
    assert order.counters["late"] == 1


def test_a_last_will_is_heard_whatever_its_number():
    will = DeviceStatus(device="shelf-1", sequence=0, time_us=at(0), state="offline")
    assert run(ordering(), [batch(5, 0), Arrival(will, at(9_000))])[-1] == will


@pytest.mark.parametrize("ahead_s", [3.0, -3.0, 3_600.0, -3_600.0])
def test_a_clock_that_is_off_is_brought_back_to_the_edges_time(ahead_s):
    order, event_us = ordering(), 0
    for sequence in range(120):
        sent_ms = sequence * 200.0
        skewed = batch(sequence, sent_ms + ahead_s * 1_000)
        for ordered in order.admit(Arrival(skewed.message, at(sent_ms) + LATENCY_US)):
            event_us = ordered.time_us
    assert abs(event_us - at(sent_ms)) < 200_000
    assert [note.device for note in order.take_clock_notes()] == ["shelf-1"]


def test_time_that_goes_backwards_loses_no_batch_and_never_goes_backwards_inside():
    order, out = ordering(), []
    for sequence in range(100):
        set_back_ms = 5_000 if sequence >= 50 else 0
        message = batch(sequence, sequence * 200.0 - set_back_ms).message
        out += order.admit(Arrival(message, at(sequence * 200.0) + LATENCY_US))
    times = [ordered.time_us for ordered in out]
    assert len(out) == 100
    assert times == sorted(times)
    assert abs(times[-1] - at(99 * 200.0)) < 200_000


def test_a_batch_that_took_long_to_collect_is_no_clock_error():
    order = ordering()
    batches = [batch(n, n * 3_000.0, samples=3 * RATE_HZ) for n in range(20)]
    out = [ordered for arrival in batches for ordered in order.admit(arrival)]
    assert [ordered.time_us for ordered in out] == [at(n * 3_000.0) for n in range(20)]


def test_a_backlog_after_an_outage_is_no_clock_error():
    order = ordering()
    arrivals = [batch(n, n * 200.0) for n in range(100)]
    late = [Arrival(batch(n, n * 200.0).message, at(60_000 + n)) for n in range(100, 300)]
    out = [ordered for arrival in arrivals + late for ordered in order.admit(arrival)]
    assert [ordered.time_us for ordered in out] == [at(n * 200.0) for n in range(300)]


@st.composite
def sessions(draw: st.DrawFn) -> list[Arrival]:
    batches = [batch(n, n * 200.0) for n in range(COUNTS[ShelfWeights])]
    frames = [frame(n, n * 100.0) for n in range(COUNTS[CameraFrame])]
    seen = [people(n, n * 66.0) for n in range(60)] if draw(st.booleans()) else []
    passed = [crossing(n, n * 200.0, received_ms=n * 200.0) for n in range(COUNTS[GateCrossing])]
    ticks = [tick(n * 100.0) for n in range(50)]
    delay_us = st.integers(0, 300_000)
    arrivals = [
        # The first message of a device tells where its sequence starts: it comes on time.
        Arrival(a.message, a.received_us + (draw(delay_us) if a.message.sequence else 0))
        for a in batches + frames + seen + passed
    ]
    return sorted(arrivals + ticks, key=lambda arrival: arrival.received_us)


@given(session=sessions())
def test_order_of_arrival_inside_the_watermark_does_not_change_the_order_inside(session):
    out = run(ordering(), session)
    seen = [m for m in out if isinstance(m, CameraFrame | TrackedPeople)]
    assert [(m.time_us, m.device) for m in seen] == sorted((m.time_us, m.device) for m in seen)
    for kind in (ShelfWeights, GateCrossing, CameraFrame):
        assert sequences([m for m in out if isinstance(m, kind)]) == list(range(COUNTS[kind]))
    assert len(seen) == sum(isinstance(one.message, CameraFrame | TrackedPeople) for one in session)


@given(session=sessions(), cut=st.integers(0, 170))
def test_resuming_from_a_snapshot_changes_nothing(session, cut):
    whole, first, second = ordering(), ordering(), ordering()
    expected = run(whole, session)
    got = run(first, session[:cut])
    second.restore(msgspec.msgpack.decode(msgspec.msgpack.encode(first.snapshot())))
    assert got + run(second, session[cut:]) == expected
    assert second.counters == whole.counters


@given(st.lists(st.tuples(st.sampled_from([frame, people]), st.integers(1, 90)), max_size=20))
def test_people_are_complete_up_to_the_device_heard_least(heard):
    order, said, until = ordering(), {frame: 0, people: 0}, dict.fromkeys((frame, people), 0)
    for device, step_ms in heard:
        until[device] += step_ms
        order.admit(device(said[device], until[device]))
        said[device] += 1
    expected = at(min(until.values())) if all(said.values()) else 0
    assert order.people_us == expected


@given(st.lists(st.integers(-400, 400), min_size=1, max_size=60))
def test_a_clock_is_corrected_alike_however_often_its_delay_is_repeated(delays_ms):
    once, twice = ordering(), ordering()
    for i, delay_ms in enumerate(delays_ms):
        once.admit(batch(i, 500 * i, late_ms=delay_ms))
        twice.admit(batch(2 * i, 500 * i, late_ms=delay_ms))
        twice.admit(batch(2 * i + 1, 500 * i, late_ms=delay_ms))
    corrected = [order.snapshot()["lines"]["shelf-1"]["clock"][3] for order in (once, twice)]
    assert corrected[0] == corrected[1]
