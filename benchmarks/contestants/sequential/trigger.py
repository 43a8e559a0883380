"""When something happens on a shelf: moving mean and moving variance of its total weight.

An event begins when the moving deviation of the shelf's sum exceeds a threshold and ends when it
has stayed below for a while; the change is the difference of the moving means outside.
"""

import math
from collections import deque
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from store_engine.units import PlateId, ShelfId

FloatArray = NDArray[np.float64]

HOP_S = 0.1  # how often the windows are looked at (guess)
WINDOW_HOPS = 5  # moving mean and variance over 0.5 s (guess; published: 0.2 s)
LEAD_HOPS = 5  # the mean before an event is taken 0.5 s before its trigger (tuned; published: 1 s)
SETTLE_HOPS = 10  # an event ends after 1 s of calm windows (tuned, and published)
LEAST_STD_G = 5.0  # calm shelves never trigger below this deviation (tuned; published: 40)
NOISE_FACTOR = 1.6  # ... nor restless ones below this multiple of their usual one (tuned)
NOISE_SHARE = 0.02  # of each calm window, in the usual deviation (guess)
LEAST_CHANGE_G = 15.0  # smaller changes are no event (guess; published: 10)


class Hop(NamedTuple):
    """A tenth of a second of one shelf."""

    time_us: int  # of its end
    level_g: FloatArray  # (plates,) mean of this hop
    mean_g: FloatArray  # (plates,) moving mean: of the window that ends here
    calm: bool


class WeightEvent(NamedTuple):
    """Something that happened on one shelf, from the last calm before to the calm after."""

    shelf: ShelfId
    plates: tuple[PlateId, ...]
    times_us: tuple[int, ...]  # of its hops
    levels_g: FloatArray  # (hops, plates)
    before_g: FloatArray  # (plates,) moving mean before
    after_g: FloatArray  # (plates,) moving mean after

    @property
    def change_g(self) -> FloatArray:
        """Change of each plate, (plates,): negative where something was taken."""
        return self.after_g - self.before_g


class ShelfTrigger:
    """Finds the events of one shelf."""

    def __init__(self, shelf: ShelfId, plates: tuple[PlateId, ...]) -> None:
        self._shelf = shelf
        self._plates = plates
        self._window: deque[FloatArray] = deque(maxlen=WINDOW_HOPS)
        self._usual_g: float | None = None  # deviation of calm windows
        self._past: deque[Hop] = deque(maxlen=LEAD_HOPS)
        self._event: list[Hop] = []
        self._calm_hops = 0

    def hear(self, samples: FloatArray, time_us: int) -> WeightEvent | None:
        """Take one hop, (samples, plates) grams ending at `time_us`; return an event it ends."""
        self._window.append(samples)
        if len(self._window) < WINDOW_HOPS:
            return None
        hop = self._measure(time_us)
        if self._event:
            return self._go_on(hop)
        if hop.calm or len(self._past) < LEAD_HOPS:
            self._past.append(hop)
        else:
            self._event = [*self._past, hop]
            self._calm_hops = 0
        return None

    def _measure(self, time_us: int) -> Hop:
        window = np.concatenate(self._window)
        std_g = float(window.sum(axis=1).std())
        if self._usual_g is None:
            self._usual_g = std_g
        calm = std_g < max(LEAST_STD_G, NOISE_FACTOR * self._usual_g)
        if calm:
            self._usual_g += NOISE_SHARE * (std_g - self._usual_g)
        return Hop(time_us, self._window[-1].mean(axis=0), window.mean(axis=0), calm)

    def _go_on(self, hop: Hop) -> WeightEvent | None:
        self._event.append(hop)
        self._calm_hops = self._calm_hops + 1 if hop.calm else 0
        if self._calm_hops < SETTLE_HOPS:
            return None
        hops, self._event = self._event, []
        self._past.clear()
        self._past.extend(hops[-LEAD_HOPS:])
        event = WeightEvent(
            shelf=self._shelf,
            plates=self._plates,
            times_us=tuple(hop.time_us for hop in hops),
            levels_g=np.array([hop.level_g for hop in hops]),
            before_g=hops[0].mean_g,
            after_g=hops[-1].mean_g,
        )
        largest_g = max(float(np.abs(event.change_g).max()), abs(float(event.change_g.sum())))
        return event if largest_g >= LEAST_CHANGE_G else None


class DeviceTrigger:
    """All shelves of one weight device: batches in, events out."""

    def __init__(self, cells: tuple[PlateId | None, ...], shelf_of: dict[PlateId, ShelfId]) -> None:
        columns: dict[ShelfId, list[int]] = {}
        for cell, plate in enumerate(cells):
            if plate is not None:
                columns.setdefault(shelf_of[plate], []).append(cell)
        self._shelves = [
            (cells_of, ShelfTrigger(shelf, tuple(p for i in cells_of if (p := cells[i]))))
            for shelf, cells_of in columns.items()
        ]
        self._waiting: FloatArray = np.empty((0, len(cells)))
        self._last: FloatArray = np.zeros(len(cells))

    def weigh(self, rows: FloatArray, time_us: int, *, rate_hz: float) -> list[WeightEvent]:
        """Return the events that end in a batch of (samples, cells) grams; NaN where missing."""
        per_hop = max(1, round(HOP_S * rate_hz))
        start_us = time_us - round(len(self._waiting) / rate_hz * 1e6)
        rows = np.concatenate([self._waiting, self._filled(rows)])
        events = []
        whole = len(rows) // per_hop * per_hop
        for first in range(0, whole, per_hop):
            hop, end_us = rows[first : first + per_hop], first + per_hop
            at_us = start_us + math.floor(end_us / rate_hz * 1e6)
            found = [watch.hear(hop[:, columns], at_us) for columns, watch in self._shelves]
            events += [event for event in found if event is not None]
        self._waiting = rows[whole:]
        return events

    def _filled(self, rows: FloatArray) -> FloatArray:
        """Return the batch with missing readings replaced by the last ones heard."""
        if not np.isnan(rows).any():
            self._last = rows[-1]
            return rows
        filled = rows.copy()
        for row in filled:
            row[:] = np.where(np.isnan(row), self._last, row)
            self._last = row
        return filled
