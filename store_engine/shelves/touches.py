"""The plates of one device that are being touched: one episode each, from contact to rest."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from store_engine.shelves.baseline import Baseline
from store_engine.shelves.cadence import Hop
from store_engine.shelves.changes import first_contact, locate
from store_engine.shelves.episode import Episode, Piece, Surprise
from store_engine.shelves.ladder import LONGEST_S
from store_engine.shelves.noise import Noise
from store_engine.shelves.settling import Expectation, Rest, come_to_rest, forced_rest, moves
from store_engine.shelves.windows import LEVEL_S, window_of
from store_engine.signals import PlateUnsettled, WeightStep
from store_engine.store_map import FloatArray
from store_engine.units import US_PER_S, PlateId, ShelfId, to_us

BoolArray = NDArray[np.bool_]
Signals = list[WeightStep | PlateUnsettled]

# A level is judged about 2e5 times a day, half-overlapping ones counted once. Gaussian errors
# pass 5 sigma 6e-7 times: that is 0.1 false touches per plate-day, and a step must pass twice.
STEP_SIGMA = 5.0  # a change this significant is a step
# The lightest goods sold one by one weigh about 10 g, while creep, draughts and leaks from a
# neighbour move a plate by a few: below half of the lightest product nothing means anything.
STEP_MIN_G = 5.0  # guess
GIVE_UP_S = 120.0  # guess: nobody touches a plate this long; it has become rougher for good
SHAKING_HOPS = 3  # guess: vibration is compared with the neighbours' over 0.6 s


class Heard(NamedTuple):
    """One hop of one plate's device, and what it says about all plates."""

    hop: Hop
    whole: bool  # no reading is missing
    follows: BoolArray  # (cells,) no sample is missing between the hop before and this one
    shaking: FloatArray  # (cells,) how much rougher than usual each plate is


class Touches:
    """Follows each touched plate until it rests, and says what lasted."""

    def __init__(
        self, plates: Sequence[PlateId], shelf_of: Mapping[PlateId, ShelfId], noise: Noise,
        baseline: Baseline,
    ) -> None:  # fmt: skip
        self._plates = plates
        self._beside = _neighbours([shelf_of[plate] for plate in plates])
        self._noise = noise
        self._baseline = baseline
        self._episodes: dict[int, Episode] = {}
        self.watched = np.zeros(len(plates), dtype=np.bool_)  # level known, not being touched

    def __bool__(self) -> bool:
        return bool(self._episodes)

    def unsettled(self) -> dict[PlateId, int]:
        """Return the plates being touched, and since when."""
        return {self._plates[i]: self._episodes[i].since_us for i in sorted(self._episodes)}

    def go_on(self, heard: Heard, rate_hz: float) -> Signals:
        """Follow every touched plate by one hop; return what settled."""
        signals: Signals = []
        for plate, episode in sorted(self._episodes.items()):
            episode.append(self._piece(plate, heard))
            signals += self._try_to_end(plate, episode, rate_hz)
        return signals

    def begin(
        self,
        plate: int,
        surprise: Surprise,
        recent: Iterable[Heard],
        lapsed_us: int,
        rate_hz: float,
    ) -> Signals:
        """Something touches a plate; `recent` hops hold how it began, the last one is now.

        lapsed_us: the last sample before readings of this plate were last missing, -1 if never.
        """
        noise = self._noise.of(plate)
        level_var = noise.sway + noise.white * window_of(LEVEL_S, rate_hz).gain.white
        before = self._baseline.before(plate, level_var=level_var)
        longest = window_of(LONGEST_S, rate_hz).samples
        episode = Episode(
            since_us=0, before=before, noise=noise, surprise=surprise, longest=longest
        )
        for heard in recent:
            episode.append(self._piece(plate, heard))
        episode.recall(lapsed_us)
        off_g = surprise.squared**0.5
        episode.since_us = first_contact(
            *episode.samples(), before=before.grams, rough_g2=noise.rough, off_g=off_g
        )
        self.watched[plate] = False
        self._episodes[plate] = episode
        began = PlateUnsettled(
            plate=self._plates[plate], time_us=episode.last_us, since_us=episode.since_us
        )
        ended = self._try_to_end(plate, episode, rate_hz)
        # What is over at once and changed nothing is no news.
        return [began, *ended] if len(ended) != 1 else []

    def _piece(self, plate: int, heard: Heard) -> Piece:
        times_us, grams = heard.hop.times_us, heard.hop.grams[:, plate]
        if not heard.whole:
            present = ~np.isnan(grams)
            times_us, grams = times_us[present], grams[present]
        beside = heard.shaking[self._beside[plate] & self.watched].tolist()
        shaking = median(beside) if beside else 1.0
        return Piece(times_us, grams, bool(heard.follows[plate]), shaking, heard.hop.cause)

    def _try_to_end(self, plate: int, episode: Episode, rate_hz: float) -> Signals:
        """Close the touch if the plate rests; return what lasted."""
        rest = self._rest(episode, rate_hz)
        if rest is None:
            return []
        del self._episodes[plate]
        self.watched[plate] = True
        now_us = episode.last_us
        expected, var = episode.before.later(now_us - to_us(rest.window.duration_s / 2))
        doubt = var + rest.var
        later_s = (rest.window.duration_s - window_of(LEVEL_S, rate_hz).duration_s) / 2
        level = rest.grams + float(self._baseline.drift[plate]) * later_s
        self._baseline.set(plate, level, rest.var)
        self._noise.swings(plate, rest.swing_g2)
        settled = PlateUnsettled(plate=self._plates[plate], time_us=now_us, since_us=None)
        if abs(rest.grams - expected) <= max(STEP_MIN_G, STEP_SIGMA * doubt**0.5):
            self._noise.false_alarm(plate, **episode.surprise._asdict())
            return [settled]
        self._baseline.forget(plate)
        return [self._step(plate, episode, rest, expected, doubt), settled]

    def _rest(self, episode: Episode, rate_hz: float) -> Rest | None:
        run, last_us = episode.run, episode.last_us
        expected, var = episode.before.later(last_us)
        rest = None
        if not moves(run, rate_hz, expected):
            expectation = Expectation(
                grams=expected,
                least_g=max(STEP_MIN_G, STEP_SIGMA * (var + episode.noise.sway) ** 0.5),
                noise=episode.noise,
                shaking=episode.shaking(SHAKING_HOPS),
            )
            rest = come_to_rest(run, rate_hz, expectation)
        if rest is None and last_us - episode.since_us > GIVE_UP_S * US_PER_S and len(run):
            return forced_rest(run, rate_hz)
        return rest

    def _step(
        self, plate: int, episode: Episode, rest: Rest, before: float, doubt: float
    ) -> WeightStep:
        rough_g2 = max(rest.rough_g2, episode.noise.rough)
        when = locate(*episode.samples(), before=before, after=rest.grams, rough_g2=rough_g2)
        return WeightStep(
            plate=self._plates[plate],
            began_us=when.began_us,
            moment_us=when.moment_us,
            ended_us=when.ended_us,
            settled_us=episode.last_us,
            change_g=rest.grams - before,
            std_g=doubt**0.5,
            across_gap=episode.gap_between(when.began_us, when.ended_us),
            causes=episode.causes(when.began_us),
        )

    def snapshot(self) -> dict[str, Any]:
        """Return the state as plain values."""
        return {
            "episodes": {str(i): episode.snapshot() for i, episode in self._episodes.items()},
            "watched": self.watched.tolist(),
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Take the state back."""
        saved = snapshot["episodes"].items()
        self._episodes = {int(i): Episode.from_snapshot(episode) for i, episode in saved}
        self.watched = np.array(snapshot["watched"], dtype=np.bool_)


def _neighbours(shelves: Sequence[ShelfId]) -> BoolArray:
    """Return (cells, cells): for each plate, which are the other plates of its shelf."""
    names = np.array(shelves, dtype=str)
    return np.asarray((names[:, None] == names) & ~np.eye(len(names), dtype=np.bool_))
