"""One touch of one plate, from first contact until it rests again."""

from typing import Any, NamedTuple

import numpy as np

from store_engine.shelves.baseline import Level
from store_engine.shelves.cadence import TimesUs
from store_engine.shelves.noise import OwnNoise
from store_engine.store_map import FloatArray
from store_engine.units import MessageRef

FINE_PIECES = 50  # guess: the last 10 s are kept sample by sample, older hops as their mean


class Piece(NamedTuple):
    """One hop of one plate; missing samples are left out."""

    times_us: TimesUs  # (n,)
    grams: FloatArray  # (n,)
    follows: bool  # no sample is missing between the piece before and this one
    shaking: float  # how much rougher than usual the plates beside it were
    cause: MessageRef


class Surprise(NamedTuple):
    """What made the plate look touched."""

    squared: float  # g^2
    plain: float  # g^2, the variance that wide-band noise explains
    shaken: float  # g^2, the variance that vibration explains


class Episode:
    """What happened on one plate since something touched it."""

    def __init__(
        self,
        *,
        since_us: int,
        before: Level,
        noise: OwnNoise,
        surprise: Surprise,
        longest: int,
    ) -> None:
        self.since_us = since_us
        self.surprise = surprise
        self.before = before
        self.noise = noise
        self.run: FloatArray = np.empty(0)  # (n,) the last samples, none missing between them
        self._longest = longest  # samples to keep of those
        self._pieces: list[Piece] = []

    def append(self, piece: Piece) -> None:
        """Add a hop; hops long past are thinned to their mean, as a lean may last minutes."""
        self._pieces.append(piece)
        run = (self.run, piece.grams) if piece.follows else (piece.grams,)
        self.run = np.concatenate(run)[-self._longest :]
        if len(self._pieces) > FINE_PIECES:
            old = self._pieces[-FINE_PIECES - 1]
            middle = len(old.grams) // 2
            mean = np.array([old.grams.mean()]) if len(old.grams) else old.grams
            thin = old._replace(times_us=old.times_us[middle : middle + 1], grams=mean)
            self._pieces[-FINE_PIECES - 1] = thin

    def recall(self, lapsed_us: int) -> None:
        """Put the level before in place of samples that a long lapse pushed out of reach."""
        first = next(piece for piece in self._pieces if len(piece.times_us))
        if not first.follows and 0 <= lapsed_us < first.times_us[0]:
            times_us = np.array([lapsed_us], dtype=np.int64)
            level = Piece(times_us, np.array([self.before.grams]), False, 1.0, first.cause)
            self._pieces.insert(0, level)

    @property
    def last_us(self) -> int:
        """Time of the last sample."""
        last = next(piece for piece in reversed(self._pieces) if len(piece.times_us))
        return int(last.times_us[-1])

    def shaking(self, hops: int) -> float:
        """Return how much the plates beside it shook over the last `hops` hops; at least 1."""
        recent = [piece.shaking for piece in self._pieces[-hops:]]
        return max(1.0, sum(recent) / len(recent))

    def samples(self) -> tuple[TimesUs, FloatArray]:
        """Return all samples (n,) with their times (n,)."""
        times_us = np.concatenate([piece.times_us for piece in self._pieces])
        return times_us, np.concatenate([piece.grams for piece in self._pieces])

    def gap_between(self, began_us: int, ended_us: int) -> bool:
        """Whether readings are missing between two times."""
        previous_us = began_us
        for piece in self._pieces:
            if not len(piece.times_us):
                continue
            first_us, last_us = int(piece.times_us[0]), int(piece.times_us[-1])
            if not piece.follows and previous_us < ended_us and first_us > began_us:
                return True
            previous_us = max(previous_us, last_us)
        return False

    def causes(self, began_us: int) -> tuple[MessageRef, ...]:
        """Return the batch that shows `began_us` and the last one."""
        last = self._pieces[-1].cause
        for piece in self._pieces:
            if len(piece.times_us) and int(piece.times_us[-1]) >= began_us:
                return (piece.cause, last) if piece.cause != last else (last,)
        return (last,)

    def snapshot(self) -> dict[str, Any]:
        """Return the state as plain values."""
        return {
            "since_us": self.since_us,
            "before": list(self.before),
            "noise": list(self.noise),
            "surprise": list(self.surprise),
            "longest": self._longest,
            "run": self.run.tolist(),
            "pieces": [[p[0].tolist(), p[1].tolist(), *p[2:]] for p in self._pieces],
        }

    @classmethod
    def from_snapshot(cls, snapshot: dict[str, Any]) -> "Episode":
        """Return the episode that was saved."""
        episode = cls(
            since_us=snapshot["since_us"],
            before=Level(*snapshot["before"]),
            noise=OwnNoise(*snapshot["noise"]),
            surprise=Surprise(*snapshot["surprise"]),
            longest=snapshot["longest"],
        )
        episode.run = np.array(snapshot["run"], dtype=float)
        for times_us, grams, follows, shaking, cause in snapshot["pieces"]:
            times, values = np.array(times_us, dtype=np.int64), np.array(grams, dtype=float)
            episode._pieces.append(Piece(times, values, follows, shaking, MessageRef(cause)))
        return episode
