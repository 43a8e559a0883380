"""One weight device: all its plates judged at once, hop by hop."""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from store_engine.shelves.baseline import LOOK_BACK_HOPS, Baseline
from store_engine.shelves.cadence import Cadence, Hop
from store_engine.shelves.episode import Surprise
from store_engine.shelves.gauge import Roughness, gauge_of
from store_engine.shelves.noise import LevelVar, Noise
from store_engine.shelves.reel import Reel
from store_engine.shelves.shares import Share
from store_engine.shelves.touches import BoolArray, Heard, Signals, Touches
from store_engine.shelves.windows import LEVEL_S, window_of
from store_engine.store_map import FloatArray
from store_engine.units import MessageRef, PlateId, ShelfId, to_us

AWAY_SIGMA = 5.0  # a plate this far from its level is being touched; false alarms: `touches`
AWAY_MIN_G = 2.5  # guess: half the least step, which is noticed before its window is full of it
HEAVIEST_G = 1e6  # a tonne: no plate reads this; treated as missing
MISSING_SHARE = 0.25  # guess: a cell that misses more of a hop than this is missing
USUAL_RATE_HZ = 60.0  # datasheet; a device that says otherwise is believed


class Look(NamedTuple):
    """The last window of every plate, against what was expected."""

    level: FloatArray  # (cells,) g
    surprise: FloatArray  # (cells,) g
    squared: FloatArray  # (cells,) g^2


class DeviceShelves:
    """The plates of one weight device."""

    def __init__(
        self, cells: Sequence[PlateId | None], shelf_of: Mapping[PlateId, ShelfId]
    ) -> None:
        self.configured = len(cells)
        plates = [plate for plate in cells if plate is not None]
        self._wired = [cell for cell, plate in enumerate(cells) if plate is not None]
        self._count = len(plates)
        self._noise = Noise(self._count)
        self._baseline = Baseline(self._count)
        self._touches = Touches(plates, shelf_of, self._noise, self._baseline)
        self._everywhere = np.ones(self._count, dtype=np.bool_)
        self._known = np.zeros(self._count, dtype=np.bool_)  # the level was learnt
        self._all_known = self._count == 0
        self._lapsed_us = np.full(self._count, -1, dtype=np.int64)  # last sample before a lapse
        self._settled_us: int | None = None
        self._set_rate(USUAL_RATE_HZ)

    def _set_rate(self, rate_hz: float) -> None:
        """Listen at this rate from now on; levels and noise stay."""
        self._cadence = Cadence(rate_hz, self._count)
        self._window = window_of(LEVEL_S, rate_hz)
        self._gauge = gauge_of(LEVEL_S, rate_hz)
        self._half_window_us = to_us(self._window.duration_s / 2)
        self._enough = self._window.samples + self._cadence.samples  # for two windows in a row
        self._reel = Reel(self._window.samples, self._count)  # g, what misses is filled in
        self._last_level = np.zeros(self._count)
        self._level_var = np.zeros(self._count)  # g^2, of the last level looked at closely
        self._fresh = np.zeros(self._count, dtype=np.int64)  # samples since one was missing
        self._all_ready = False  # ... enough of them everywhere, and no longer counted
        self._learns = False  # noise is learnt from every other hop, whose windows do not overlap
        self._recent: deque[Heard] = deque(maxlen=LOOK_BACK_HOPS)

    @property
    def heard_until_us(self) -> int | None:
        """Time of the last sample, None before the first."""
        return self._cadence.last_us if self._cadence.last_us >= 0 else None

    @property
    def settled_until_us(self) -> int | None:
        """Steps that ended before this time are reported, or their plate is unsettled."""
        return self._settled_us

    def unsettled(self) -> dict[PlateId, int]:
        """Return the plates being touched, and since when."""
        return self._touches.unsettled()

    def weigh(
        self, grams: FloatArray, time_us: int, *, rate_hz: float, cause: MessageRef
    ) -> Signals:
        """Return what a batch (n, cells) settles or unsettles."""
        if rate_hz != self._cadence.rate_hz:
            last_us = self._cadence.last_us
            self._set_rate(rate_hz)
            self._cadence.last_us = last_us
        if self._count != self.configured:
            grams = grams.take(self._wired, axis=1)
        signals: Signals = []
        for hop in self._cadence.cut(grams, time_us, cause):
            signals += self._hear(hop)
        return signals

    def _hear(self, hop: Hop) -> Signals:
        """Judge one hop; a glance is enough at every other one that finds nothing near a limit."""
        hop, follows, whole = self._take(hop)
        ready = self._pass_time(hop)
        level = self._window.mean.dot(self._reel.latest)
        surprise = level - self._baseline.level
        look = Look(level, surprise, surprise * surprise)
        signals: Signals = []
        self._learns = not self._learns
        if self._learns or not self._is_calm(look.squared):
            rough = self._gauge.measure(self._reel.latest)
            shaking = rough.samples[1] / self._noise.rough
            self._recent.append(Heard(hop, whole, follows, shaking))
            signals = self._judge(look, rough, ready)
        else:
            self._recent.append(Heard(hop, whole, follows, self._recent[-1].shaking))
            self._baseline.learn(1.0, surprise, self._level_var, self._cadence.hop_s)
        self._baseline.remember(hop.last_us - self._half_window_us)
        return signals

    def _is_calm(self, squared: FloatArray) -> bool:
        """Whether every plate is known, untouched and near its level."""
        return self._all_watched and not self._any_off(squared)

    @property
    def _all_watched(self) -> bool:
        return self._all_ready and self._all_known and not self._touches

    def _any_off(self, squared: FloatArray) -> bool:
        return bool(self._count and squared[squared.argmax()] > AWAY_MIN_G**2)

    def _judge(self, look: Look, rough: Roughness, ready: BoolArray) -> Signals:
        """Learn from quiet plates, begin and end touches."""
        parts = self._noise.level_var(rough, self._window.gain)
        level_var = parts.plain + parts.shaken
        level_var += parts.sway
        explained = LevelVar(parts.plain + self._baseline.var, parts.shaken, parts.sway)
        heard = self._everywhere if self._all_watched else ready & self._touches.watched
        away = self._away(heard, look.squared, level_var)
        quiet: Share = 1.0
        if heard is not self._everywhere or away is not None:
            quiet = (heard if away is None else heard ^ away).astype(float)
        self._learn(quiet, rough, look.squared, explained)
        self._baseline.learn(quiet, look.surprise, level_var, self._cadence.hop_s)
        self._level_var = level_var
        if not self._all_known:
            self._get_to_know(look.level, level_var, rough)
        return self._follow_touches(away, look.squared, explained)

    def _away(
        self, heard: BoolArray, squared: FloatArray, level_var: FloatArray
    ) -> BoolArray | None:
        """Return which plates (cells,) are too far from their level for noise, None if none is."""
        if not self._any_off(squared):
            return None
        limit = np.maximum(AWAY_SIGMA**2 * (level_var + self._baseline.var), AWAY_MIN_G**2)
        away = heard & (squared > limit)
        return away if np.count_nonzero(away) else None

    def _take(self, hop: Hop) -> tuple[Hop, BoolArray, bool]:
        """Fill in single missing readings; a cell or device that went missing begins again.

        Returns the hop, NaN where a cell is missing; which cells follow on from before; whether
        every reading is there.
        """
        grams, count = hop.grams, len(hop.grams)
        if hop.missing_s:
            self._baseline.skip(hop.missing_s)
            self._lapse(self._everywhere)
        follows = self._everywhere if self._all_ready else self._fresh > 0
        whole = bool(np.vdot(grams, grams) < HEAVIEST_G**2)  # NaN is not less either
        if not whole:
            there = np.abs(grams) < HEAVIEST_G
            present = there.mean(axis=0) >= 1.0 - MISSING_SHARE
            sums = np.where(there, grams, 0.0).sum(axis=0)
            filler = np.where(
                present, sums / np.maximum(there.sum(axis=0), 1), self._reel.latest[-1]
            )
            hop = hop._replace(grams=np.where(there & present, grams, np.nan))
            grams = np.where(there & present, grams, filler)
            self._lapse(~present)
            self._fresh[~present] = -count  # 0 once this hop is counted
        if not self._all_ready:
            self._fresh += count
        self._reel.wind(grams)
        return hop, follows, whole

    def _lapse(self, missing: BoolArray) -> None:
        """Begin again where readings are `missing` (cells,); note when they were last heard."""
        if self._recent:
            last_us = self._recent[-1].hop.last_us
            self._lapsed_us[missing & (self._fresh > 0)] = last_us
        self._fresh[missing] = 0
        self._all_ready = False

    def _pass_time(self, hop: Hop) -> BoolArray:
        """Let the baseline drift on; return which plates' windows are full (cells,)."""
        ready = self._everywhere
        if self._all_ready:
            self._baseline.pass_time(self._cadence.hop_s)
        else:
            ready = self._fresh >= self._window.samples
            self._baseline.pass_unheard(self._cadence.hop_s, ready)
            self._all_ready = bool((self._fresh >= self._enough).all())
        if self._all_ready or ready.any():
            self._settled_us = hop.last_us - 2 * self._half_window_us
        return ready

    def _learn(
        self, quiet: Share, rough: Roughness, squared: FloatArray, explained: LevelVar
    ) -> None:
        if self._learns:
            self._noise.learn(quiet, rough, squared, explained, 2.0 * self._cadence.hop_s)
        else:
            self._noise.confirm(quiet)

    def _get_to_know(self, level: FloatArray, level_var: FloatArray, rough: Roughness) -> None:
        """Learn the level of plates never seen before, once two windows in a row agree."""
        moved = np.abs(level - self._last_level)
        still = moved <= np.maximum(AWAY_MIN_G, AWAY_SIGMA * np.sqrt(2.0 * level_var))
        found = ~self._known & (self._fresh >= self._enough) & still
        if found.any():
            self._noise.start(found, rough)
            self._baseline.set(found, level[found], level_var[found])
            self._baseline.forget(found)
            self._known |= found
            self._touches.watched |= found
            self._all_known = bool(self._known.all())
        self._last_level = level

    def _follow_touches(
        self, away: BoolArray | None, squared: FloatArray, explained: LevelVar
    ) -> Signals:
        rate_hz = self._cadence.rate_hz
        signals = self._touches.go_on(self._recent[-1], rate_hz) if self._touches else []
        if away is not None:
            for plate in np.flatnonzero(away).tolist():
                surprise = Surprise(
                    squared=float(squared[plate]),
                    plain=float(explained.plain[plate]),
                    shaken=float(explained.shaken[plate]),
                )
                lapsed_us = int(self._lapsed_us[plate])
                signals += self._touches.begin(plate, surprise, self._recent, lapsed_us, rate_hz)
        return signals

    # ---- state -------------------------------------------------------------------------------

    def snapshot(self) -> dict[str, Any]:
        """Return the state as plain values."""
        return {
            "rate_hz": self._cadence.rate_hz,
            "cadence": self._cadence.snapshot(),
            "noise": self._noise.snapshot(),
            "baseline": self._baseline.snapshot(),
            "touches": self._touches.snapshot(),
            "known": self._known.tolist(),
            "latest": self._reel.latest.tolist(),
            "last_level": self._last_level.tolist(),
            "level_var": self._level_var.tolist(),
            "lapsed_us": self._lapsed_us.tolist(),
            "fresh": self._fresh.tolist(),
            "all_ready": self._all_ready,
            "learns": self._learns,
            "recent": [
                [
                    [h.hop.times_us.tolist(), h.hop.grams.tolist(), h.hop.missing_s, h.hop.cause],
                    h.whole,
                    h.follows.tolist(),
                    h.shaking.tolist(),
                ]
                for h in self._recent
            ],
            "settled_us": self._settled_us,
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Take the state back."""
        self._set_rate(snapshot["rate_hz"])
        self._cadence.restore(snapshot["cadence"])
        self._noise.restore(snapshot["noise"])
        self._baseline.restore(snapshot["baseline"])
        self._touches.restore(snapshot["touches"])
        self._known = np.array(snapshot["known"], dtype=np.bool_)
        self._all_known = bool(self._known.all())
        self._reel.latest[:] = snapshot["latest"]
        self._last_level = np.array(snapshot["last_level"], dtype=float)
        self._level_var = np.array(snapshot["level_var"], dtype=float)
        self._lapsed_us = np.array(snapshot["lapsed_us"], dtype=np.int64)
        self._fresh = np.array(snapshot["fresh"], dtype=np.int64)
        self._all_ready = snapshot["all_ready"]
        self._learns = snapshot["learns"]
        for (times_us, grams, missing_s, cause), whole, follows, shaking in snapshot["recent"]:
            times = np.array(times_us, dtype=np.int64)
            hop = Hop.at(times, np.array(grams, dtype=float), missing_s, cause)
            heard = Heard(hop, whole, np.array(follows, dtype=np.bool_), np.array(shaking))
            self._recent.append(heard)
        self._settled_us = snapshot["settled_us"]
