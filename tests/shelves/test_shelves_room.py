"""The room as the engine uses it: snapshots, devices, promises, cost."""

import time

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plate_signals import DEVICE, Lab, batch, hear, seconds, store_map

from store_engine.errors import InvariantError
from store_engine.messages import ShelfWeights
from store_engine.shelves import Shelves
from store_engine.store_map import StoreMap


def eventful() -> Lab:
    lab = Lab(seconds=10.0, plates=3, seed=21, white_g=0.8)
    lab.vibrate(3.0, 6.0, 30.0)
    lab.hold(0, 4.0, 6.5, 200.0)
    lab.lasting(1, 5.0, -300.0)
    lab.lasting(2, 8.0, 80.0)
    lab.grams[330:390, 2] = np.nan
    return lab


EVENTFUL = eventful()


@settings(max_examples=12, deadline=None)
@given(cut=st.integers(0, 49), lost=st.sets(st.integers(5, 45), max_size=6))
def test_resuming_from_a_snapshot_changes_nothing(cut: int, lost: set[int]) -> None:
    batches = EVENTFUL.batches(lost=lost)
    room = Shelves(EVENTFUL.map)
    hear(room, batches[:cut])
    saved = msgspec.msgpack.decode(msgspec.msgpack.encode(room.snapshot()))
    resumed = Shelves(EVENTFUL.map)
    resumed.restore(saved)
    assert hear(resumed, batches[cut:]) == hear(room, batches[cut:])
    assert msgspec.msgpack.encode(resumed.snapshot()) == msgspec.msgpack.encode(room.snapshot())


def test_resuming_after_a_quiet_minute_changes_nothing() -> None:
    lab = Lab(seconds=64.0, plates=3, seed=23, white_g=0.8)
    lab.lasting(1, 61.0, -300.0)
    batches, room, resumed = lab.batches(), Shelves(lab.map), Shelves(lab.map)
    hear(room, batches[:300])
    resumed.restore(msgspec.msgpack.decode(msgspec.msgpack.encode(room.snapshot())))
    assert len(hear(resumed, batches[300:])) == 3
    hear(room, batches[300:])
    assert resumed.snapshot() == room.snapshot()


def two_devices() -> tuple[StoreMap, list[ShelfWeights], list[ShelfWeights]]:
    first, second = eventful(), eventful()
    cells = {
        "A": [f"1-1-{i}" for i in range(3)],
        "B": [f"2-1-{i}" for i in range(3)],
    }
    return store_map(cells), *(
        [
            batch(lab.grams[i * 12 : i * 12 + 12], sequence=i, device=device)
            for i in range(len(lab.grams) // 12)
        ]
        for device, lab in (("A", first), ("B", second))
    )


@settings(max_examples=10, deadline=None)
@given(turns=st.randoms(use_true_random=False))
def test_the_order_between_devices_does_not_matter(turns: object) -> None:
    where, a, b = two_devices()
    together = Shelves(where)
    alone = {"A": hear(Shelves(where), a), "B": hear(Shelves(where), b)}
    mixed = [*a, *b]
    order = [*"A" * len(a), *"B" * len(b)]
    turns.shuffle(order)  # type: ignore[attr-defined]
    queues = {"A": iter(a), "B": iter(b)}
    signals = hear(together, (next(queues[device]) for device in order))
    for device, gondola in (("A", "1"), ("B", "2")):
        assert [s for s in signals if s.plate.startswith(gondola)] == alone[device]
    assert len(mixed) == len(order)


def test_everything_before_settled_until_is_reported_or_unsettled() -> None:
    room = Shelves(EVENTFUL.map)
    assert room.heard_until_us(DEVICE) is None
    assert room.settled_until_us(DEVICE) is None
    hear(room, EVENTFUL.batches()[:28])  # 5.6 s: the pick at 5.0 .. 5.1 s is past
    assert seconds(room.heard_until_us(DEVICE) or 0) == pytest.approx(5.583, abs=0.01)
    assert seconds(room.settled_until_us(DEVICE) or 0) == pytest.approx(5.183, abs=0.01)
    assert "1-1-0" in room.unsettled()


def test_a_wrong_row_or_device_is_refused_by_name() -> None:
    room = Shelves(store_map({"S1": ["1-1-0", "1-1-1"]}))
    with pytest.raises(InvariantError, match="S1: 2 cells configured, 3 received"):
        hear(room, [batch(np.zeros((12, 3)), sequence=0)])
    with pytest.raises(InvariantError, match="S9"):
        hear(room, [batch(np.zeros((12, 2)), sequence=0, device="S9")])


def test_a_quiet_batch_of_72_cells_costs_a_fraction_of_a_millisecond() -> None:
    lab = Lab(seconds=20.0, plates=72, seed=22, white_g=1.0)
    batches = lab.batches()
    room = Shelves(lab.map)
    hear(room, batches[:20])
    costs_s = []
    for weights in batches[20:]:
        began = time.process_time()
        room.weigh(weights, weights.time_us)
        costs_s.append(time.process_time() - began)
    assert min(costs_s) < 0.5e-3  # measured 0.125 ms; a loop over plates would cost several ms
