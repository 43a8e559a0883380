"""One weight device: all its plates at once while they are quiet, one by one while touched."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from store_engine.shelves.baseline import LOOK_BACK_HOPS, Baseline
from store_engine.shelves.cadence import Cadence, Hop
from store_engine.shelves.changes import first_contact, locate
from store_engine.shelves.episode import Episode, Piece, Surprise
from store_engine.shelves.noise import LevelVar, Noise
from store_engine.shelves.settling import Expectation, Rest, come_to_rest, forced_rest
from store_engine.shelves.windows import LEVEL_S, Roughness, roughness, window_of
from store_engine.signals import PlateUnsettled, WeightStep
from store_engine.store_map import FloatArray
from store_engine.units import US_PER_S, MessageRef, PlateId, ShelfId, to_us

BoolArray = NDArray[np.bool_]
Signals = list[WeightStep | PlateUnsettled]


# A level is judged about 2e5 times a day, half-overlapping ones counted once. Gaussian errors
# pass 5 sigma 6e-7 times, so false alarms stay near 0.1 per plate-day; a step must pass twice.
AWAY_SIGMA = 5.0  # a plate this far from its level is being touched
AWAY_MIN_G = 2.5  # half of STEP_MIN_G: a step is noticed before its window is full of it
STEP_SIGMA = 5.0  # a change this significant is a step
# Lightest goods sold loose weigh about 10 g, while creep, wind and leaks from a neighbour move a
# plate by a few grams: below half of the lightest product, "significant" has no meaning (guess).
STEP_MIN_G = 5.0
GIVE_UP_S = 120.0  # guess: nobody touches a plate this long; it has become rougher for good
HEAVIEST_G = 1e6  # a tonne: no plate reads this; treated as missing
MISSING_SHARE = 0.25  # guess: a cell that misses more of a hop than this is missing


class DeviceShelves:
    """The plates of one weight device."""

    def __init__(
        self, cells: Sequence[PlateId | None], shelf_of: Mapping[PlateId, ShelfId]
    ) -> None:
        self.configured = len(cells)
        self._plates = [plate for plate in cells if plate is not None]
        self._wired = [cell for cell, plate in enumerate(cells) if plate is not None]
        self._beside = _neighbours([shelf_of[plate] for plate in self._plates])
        count = len(self._plates)
        self._noise = Noise(count)
        self._baseline = Baseline(count)
        self._known = np.zeros(count, dtype=np.bool_)  # the level was learnt
        self._watched = np.zeros(count, dtype=np.bool_)  # known and not being touched
        self._episodes: dict[int, Episode] = {}
        self._settled_us: int | None = None
        self._set_rate(60.0)

    def _set_rate(self, rate_hz: float) -> None:
        """Start listening at this rate; levels and noise stay."""
        count = len(self._plates)
        self._cadence = Cadence(rate_hz, count)
        self._window = window_of(LEVEL_S, rate_hz)
        self._latest = np.zeros((self._window.samples, count))  # g, gaps filled
        self._last_level = np.zeros(count)
        self._fresh = np.zeros(count, dtype=np.int64)  # samples without a missing one
        self._hops: list[tuple[Hop, BoolArray]] = []  # with: does it follow on, per plate

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
        return {self._plates[i]: self._episodes[i].since_us for i in sorted(self._episodes)}

    def weigh(
        self, grams: FloatArray, time_us: int, *, rate_hz: float, cause: MessageRef
    ) -> Signals:
        """Return what a batch (n, cells) settles or unsettles."""
        if rate_hz != self._cadence.rate_hz:
            last_us = self._cadence.last_us
            self._set_rate(rate_hz)
            self._cadence.last_us = last_us
        if len(self._wired) != self.configured:
            grams = grams[:, self._wired]
        signals: Signals = []
        for hop in self._cadence.cut(grams, time_us, cause):
            self._hear(hop, signals)
        return signals

    # ---- all plates at once ------------------------------------------------------------------

    def _hear(self, hop: Hop, signals: Signals) -> None:
        """Judge one hop: learn from quiet plates, begin and end touches."""
        if hop.missing_s:
            self._skip(hop.missing_s)
        hop = self._fill(hop)
        self._fresh += len(hop.times_us)
        window, dt_s = self._window, self._cadence.hop_s
        ready = self._fresh >= window.samples
        level = window.mean @ self._latest
        rough = roughness(self._latest, level)
        self._baseline.pass_time(dt_s, ready)
        parts = self._noise.level_var(window, rough)
        level_var = parts.plain + parts.shaken + parts.sway
        explained = parts._replace(plain=parts.plain + self._baseline.var)
        surprise = level - self._baseline.level
        doubt = level_var + self._baseline.var
        squared = surprise * surprise
        heard = ready & self._watched
        away = heard & (squared > np.maximum(AWAY_SIGMA**2 * doubt, AWAY_MIN_G**2))
        quiet = (heard & ~away).astype(float)
        self._noise.learn(quiet, rough, squared, explained, dt_s)
        self._baseline.learn(quiet, surprise, level_var, dt_s)
        if not self._known.all():
            self._get_to_know(level, level_var, rough)
        self._last_level = level
        if self._episodes or away.any():
            self._follow_touches(hop, away, surprise, explained, rough, signals)
        self._baseline.remember(int(hop.times_us[-1]) - to_us(window.duration_s / 2))
        if ready.any():
            self._settled_us = int(hop.times_us[-1]) - to_us(window.duration_s)

    def _skip(self, missing_s: float) -> None:
        """Nothing was heard for a while: doubt grows, windows begin again."""
        self._baseline.skip(missing_s)
        self._fresh[:] = 0

    def _fill(self, hop: Hop) -> Hop:
        """Remember a hop; a missing reading is filled in, a missing cell begins again."""
        grams, count = hop.grams, len(hop.times_us)
        follows = self._fresh > 0
        if not abs(float(grams.sum())) < HEAVIEST_G * grams.size:  # NaN is not less either
            heard = np.abs(grams) < HEAVIEST_G  # false for NaN
            present = heard.mean(axis=0) >= 1.0 - MISSING_SHARE
            sums = np.where(heard, grams, 0.0).sum(axis=0)
            filler = np.where(present, sums / np.maximum(heard.sum(axis=0), 1), self._latest[-1])
            hop = hop._replace(grams=np.where(heard & present, grams, np.nan))
            grams = np.where(heard & present, grams, filler)
            self._fresh[~present] = -count  # 0 once this hop is counted
        self._latest = np.concatenate((self._latest[count:], grams))
        self._hops = [*self._hops[1 - LOOK_BACK_HOPS :], (hop, follows)]
        return hop

    def _get_to_know(self, level: FloatArray, level_var: FloatArray, rough: Roughness) -> None:
        """Learn the level of plates never seen before, once two windows in a row agree."""
        samples = self._window.samples + self._cadence.samples
        moved = np.abs(level - self._last_level)
        still = moved <= np.maximum(AWAY_MIN_G, AWAY_SIGMA * np.sqrt(2.0 * level_var))
        found = ~self._known & (self._fresh >= samples) & still
        if found.any():
            self._noise.start(found, rough)
            self._baseline.set(found, level[found], level_var[found])
            self._baseline.forget(found)
            self._known |= found
            self._watched |= found

    # ---- one touched plate -------------------------------------------------------------------

    def _follow_touches(
        self,
        hop: Hop,
        away: BoolArray,
        surprise: FloatArray,
        explained: LevelVar,
        rough: Roughness,
        signals: Signals,
    ) -> None:
        shaking = np.asarray(rough.total) / self._noise.rough
        for plate, episode in sorted(self._episodes.items()):
            episode.append(self._piece(plate, hop, self._hops[-1][1], shaking))
            self._try_to_end(plate, episode, hop, signals)
        for plate in np.flatnonzero(away).tolist():
            why = Surprise(
                float(surprise[plate]) ** 2,
                float(explained.plain[plate]),
                float(explained.shaken[plate]),
            )
            episode = self._begin(plate, why, shaking)
            self._watched[plate] = False
            self._episodes[plate] = episode
            now_us = int(hop.times_us[-1])
            began = PlateUnsettled(
                plate=self._plates[plate], time_us=now_us, since_us=episode.since_us
            )
            ended: Signals = []
            self._try_to_end(plate, episode, hop, ended)
            if len(ended) != 1:  # a start that already ended without a step is no news
                signals += [began, *ended]

    def _begin(self, plate: int, surprise: Surprise, shaking: FloatArray) -> Episode:
        """Return the touch that just became visible, with the samples in which it began."""
        noise = self._noise.of(plate)
        level_var = noise.white * self._window.gain.white + noise.sway
        before = self._baseline.before(plate, level_var=level_var, dt_s=self._cadence.hop_s)
        episode = Episode(since_us=0, before=before, noise=noise, surprise=surprise)
        for hop, follows in self._hops:
            episode.append(self._piece(plate, hop, follows, shaking))
        times_us, grams = episode.samples()
        episode.since_us = first_contact(
            times_us,
            grams,
            before=before.grams,
            rough_g2=noise.rough,
            off_g=surprise.squared**0.5,
        )
        return episode

    def _piece(self, plate: int, hop: Hop, follows: BoolArray, shaking: FloatArray) -> Piece:
        times_us, grams = hop.times_us, hop.grams[:, plate]
        heard = ~np.isnan(grams)
        if not heard.all():
            times_us, grams = times_us[heard], grams[heard]
        beside = [i for i in self._beside[plate] if self._watched[i]]
        typical = float(np.median(shaking[beside])) if beside else 1.0
        return Piece(times_us, grams, bool(follows[plate]), typical, hop.cause)

    def _try_to_end(self, plate: int, episode: Episode, hop: Hop, signals: Signals) -> None:
        """Close the touch if the plate rests; say what lasted."""
        now_us = int(hop.times_us[-1])
        rest = self._rest(episode, now_us)
        if rest is None:
            return
        seen_us = now_us - to_us(rest.window.duration_s / 2)
        expected, var = episode.before.later(seen_us)
        change, doubt = rest.grams - expected, var + rest.var
        later_s = (rest.window.duration_s - self._window.duration_s) / 2
        level = rest.grams + float(self._baseline.drift[plate]) * later_s
        self._baseline.set(plate, level, rest.var)
        if abs(change) > max(STEP_MIN_G, STEP_SIGMA * doubt**0.5):
            signals.append(self._step(plate, episode, rest, expected, doubt))
            self._baseline.forget(plate)
        else:
            self._noise.false_alarm(plate, **episode.surprise._asdict())
        signals.append(PlateUnsettled(plate=self._plates[plate], time_us=now_us, since_us=None))
        self._watched[plate] = True
        del self._episodes[plate]

    def _rest(self, episode: Episode, now_us: int) -> Rest | None:
        rate_hz = self._cadence.rate_hz
        run = episode.run(window_of(3.0, rate_hz).samples)
        expected, var = episode.before.later(now_us)
        least = max(STEP_MIN_G, STEP_SIGMA * (var + episode.noise.sway) ** 0.5)
        shaking = episode.shaking(hops=3)
        expectation = Expectation(expected, least, episode.noise, shaking)
        rest = come_to_rest(run, rate_hz, expectation)
        if rest is None and now_us - episode.since_us > GIVE_UP_S * US_PER_S and len(run):
            return forced_rest(run, rate_hz)
        return rest

    def _step(
        self, plate: int, episode: Episode, rest: Rest, before: float, doubt: float
    ) -> WeightStep:
        times_us, grams = episode.samples()
        when = locate(
            times_us,
            grams,
            before=before,
            after=rest.grams,
            rough_g2=max(rest.rough_g2, episode.noise.rough),
        )
        return WeightStep(
            plate=self._plates[plate],
            began_us=when.began_us,
            moment_us=when.moment_us,
            ended_us=when.ended_us,
            settled_us=int(times_us[-1]),
            change_g=rest.grams - before,
            std_g=doubt**0.5,
            across_gap=episode.gap_between(when.began_us, when.ended_us),
            causes=episode.causes(when.began_us),
        )

    # ---- state -------------------------------------------------------------------------------

    def snapshot(self) -> dict[str, Any]:
        """Return the state as plain values."""
        return {
            "rate_hz": self._cadence.rate_hz,
            "cadence": self._cadence.snapshot(),
            "noise": self._noise.snapshot(),
            "baseline": self._baseline.snapshot(),
            "known": self._known.tolist(),
            "watched": self._watched.tolist(),
            "latest": self._latest.tolist(),
            "last_level": self._last_level.tolist(),
            "fresh": self._fresh.tolist(),
            "hops": [
                [hop.times_us.tolist(), hop.grams.tolist(), hop.missing_s, hop.cause, on.tolist()]
                for hop, on in self._hops
            ],
            "episodes": {str(i): episode.snapshot() for i, episode in self._episodes.items()},
            "settled_us": self._settled_us,
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Take the state back."""
        self._set_rate(snapshot["rate_hz"])
        self._cadence.restore(snapshot["cadence"])
        self._noise.restore(snapshot["noise"])
        self._baseline.restore(snapshot["baseline"])
        self._known = np.array(snapshot["known"], dtype=np.bool_)
        self._watched = np.array(snapshot["watched"], dtype=np.bool_)
        self._latest = np.array(snapshot["latest"], dtype=float).reshape(self._latest.shape)
        self._last_level = np.array(snapshot["last_level"], dtype=float)
        self._fresh = np.array(snapshot["fresh"], dtype=np.int64)
        self._hops = [
            (
                Hop(np.array(times_us, dtype=np.int64), np.array(grams, dtype=float), missing, by),
                np.array(on, dtype=np.bool_),
            )
            for times_us, grams, missing, by, on in snapshot["hops"]
        ]
        self._episodes = {
            int(i): Episode.from_snapshot(episode) for i, episode in snapshot["episodes"].items()
        }
        self._settled_us = snapshot["settled_us"]


def _neighbours(shelves: Sequence[ShelfId]) -> list[list[int]]:
    """Return, for each plate, the other plates of its shelf."""
    return [
        [j for j, other in enumerate(shelves) if other == shelf and j != i]
        for i, shelf in enumerate(shelves)
    ]
