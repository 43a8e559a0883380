"""The engine that lives through the day."""

import gc
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import msgspec

from benchmarks.endurance.day import Piece
from benchmarks.endurance.growth import Reading
from benchmarks.endurance.pieces import ACCOUNTS, Simulated, simulate_piece
from benchmarks.metering import MeteredEngine, cost_s, people, worst_handle_ms, worst_lag_s
from benchmarks.scaling.stores import NANOSTORE
from store_engine.adapters.recordings import McapRecording
from store_engine.events import ReceiptIssued
from store_engine.messages import Receipt
from store_engine.scoring import Score, baskets_of, score
from store_engine.store_files import load_store
from store_engine.units import seconds_between

SMALL = ("version", "store")  # parts of a snapshot that are no room's
PIECES_PER_CHILD = 4  # then a fresh process simulates: its memory is of no interest


def simulated(pieces: Sequence[Piece], *, seed: int, folder: Path) -> Iterator[Simulated]:
    """Yield the pieces of a day, the next one simulated elsewhere while one is being used."""
    with ProcessPoolExecutor(
        1, mp_context=get_context("spawn"), max_tasks_per_child=PIECES_PER_CHILD
    ) as pool:
        coming: Future[Simulated] | None = None
        for number in range(len(pieces) + 1):
            done = coming.result() if coming else None
            if number < len(pieces):
                coming = pool.submit(
                    simulate_piece,
                    pieces[number],
                    done.ended if done else None,
                    seed=seed,
                    folder=folder,
                )
            if done is not None:
                yield done
                done.path.unlink()


class Day:
    """One engine, piece after piece."""

    def __init__(self) -> None:
        store = load_store(NANOSTORE)
        self._prices = {str(g): product.price for g, product in store.catalog.products.items()}
        self._metered = MeteredEngine(store, people(ACCOUNTS))
        self._opened_us = self._since_us = self._until_us = 0
        self._people, self._score = 0, Score()

    def live_through(self, piece: Simulated) -> None:
        """Hear a piece to its end, and judge its receipts."""
        self._metered.forget_payments()
        receipts: list[Receipt] = []
        for raw in McapRecording(piece.path):
            self._opened_us = self._opened_us or raw.received_us
            self._since_us = self._since_us or raw.received_us
            self._until_us = raw.received_us
            events = self._metered.feed(raw)
            receipts += [event.receipt for event in events if isinstance(event, ReceiptIssued)]
        self._people += piece.people
        charged = baskets_of(receipts)
        self._score += score(charged=charged, owed=piece.owed, prices=self._prices)

    def reading(self) -> Reading:
        """Return what is to be noted now, and start the next stretch."""
        calls = self._metered.calls
        minutes = seconds_between(self._since_us, self._until_us) / 60.0
        found = Reading(
            hour=round(seconds_between(self._opened_us, self._until_us) / 3600.0, 2),
            people=self._people,
            messages=len(calls),
            snapshot_kb=snapshot_kb(self._metered),
            cpu_s=cost_s(calls) / minutes,
            worst_handle_ms=worst_handle_ms(calls),
            worst_lag_s=worst_lag_s(calls),
            f1=self._score.f1,
            rss_mb=0.0,
        )
        self._start_reading()
        gc.collect()
        return msgspec.structs.replace(found, rss_mb=rss_mb())

    def _start_reading(self) -> None:
        self._metered.start_counting()
        self._people, self._since_us = 0, 0
        self._score = Score()


def snapshot_kb(metered: MeteredEngine) -> dict[str, float]:
    """Return the size of each room's snapshot, encoded, in kilobytes."""
    encode = msgspec.msgpack.Encoder().encode
    parts = metered.engine.snapshot()
    return {name: len(encode(part)) / 1e3 for name, part in parts.items() if name not in SMALL}


def rss_mb() -> float:
    """Return the memory this process holds now, in megabytes. Linux only."""
    (line,) = [
        line for line in Path("/proc/self/status").read_text().splitlines() if "VmRSS" in line
    ]
    return int(line.split()[1]) / 1024
