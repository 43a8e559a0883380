"""Everybody on the floor: the beliefs about their motion, and their tracks, row by row."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import numpy as np

from store_engine.signals import TrackEnded
from store_engine.store_map import FloatArray
from store_engine.tracking import kalman
from store_engine.tracking.association import assign
from store_engine.tracking.cameras import Fix
from store_engine.tracking.floor import Floor
from store_engine.tracking.kalman import Beliefs
from store_engine.tracking.lifecycle import (
    LOST_US,
    TWIN_M,
    TWIN_WITNESSES,
    UNSEEN_US,
    Track,
    Whereabouts,
    is_over,
    is_somebody,
    past_of,
)
from store_engine.units import TrackId, seconds_between

BIRTH_SPEED_STD_M_S = 1.0  # people walk at 0 to 1.5 m/s in any direction (guess)
TENTATIVE_HANDICAP = 4.0  # a named track wins over a rumour unless seven times less likely (guess)


class Crowd:
    """Named and tentative tracks; row i of `beliefs` is about `tracks[i]`."""

    def __init__(self, floor: Floor) -> None:
        self.beliefs = kalman.nobody()
        self.tracks: list[Track] = []
        self._floor = floor
        self._lost: list[Whereabouts] = []
        self._at_us = 0  # the moment the beliefs are about
        self._named = 0

    def advance(self, time_us: int) -> None:
        """Predict everybody to a moment."""
        if self.tracks and time_us > self._at_us:
            self.beliefs = kalman.predict(self.beliefs, dt_s=seconds_between(self._at_us, time_us))
        self._at_us = time_us

    def pair(
        self, fixes: Sequence[Fix], extra: FloatArray | None = None
    ) -> tuple[list[int], list[int]]:
        """Return which rows were sighted as which fix; `extra` (t, d) adds to the pairs' costs."""
        handicap = np.array([0.0 if track.name else TENTATIVE_HANDICAP for track in self.tracks])
        cost = handicap[:, None] if extra is None else handicap[:, None] + extra
        return assign(self.beliefs, np.array(fixes), cost)

    def correct(self, rows: list[int], fixes: Sequence[Fix]) -> None:
        """Correct the people in `rows` by where they were seen now."""
        if not rows:
            return
        seen = np.array(fixes)
        noise = seen[:, _COVARIANCE].reshape(-1, 2, 2)
        mean, cov = self.beliefs
        mean[rows], cov[rows] = kalman.update(Beliefs(mean[rows], cov[rows]), seen[:, :2], noise)
        for row in rows:
            track = self.tracks[row]
            track.hits, track.looks, track.seen_us = track.hits + 1, track.looks + 1, self._at_us
        self._note_apart(rows)

    def miss(self, rows: list[int], sees: bytes) -> None:
        """Hold it against the rumours that a camera which looks there did not see them.

        Args:
            rows: the people it did see.
            sees: one byte per floor cell, 1 where it looks.
        """
        for row, track in enumerate(self.tracks):
            if track.name is None and row not in rows:
                x, y = self.beliefs.mean[row, :2].tolist()
                track.looks += sees[max(0, self._floor.index(x, y))]

    def add(self, fixes: Sequence[Fix]) -> None:
        """Start a tentative track at each fix."""
        if not fixes:
            return
        seen = np.array(fixes)
        mean, cov = np.zeros((len(fixes), 4)), np.zeros((len(fixes), 4, 4))
        mean[:, :2] = seen[:, :2]
        cov[:, :2, :2] = seen[:, _COVARIANCE].reshape(-1, 2, 2)
        cov[:, 2, 2] = cov[:, 3, 3] = BIRTH_SPEED_STD_M_S**2
        self.beliefs = Beliefs(
            np.concatenate([self.beliefs.mean, mean]), np.concatenate([self.beliefs.cov, cov])
        )
        for fix in fixes:
            came_in = self._floor.at_gate(fix.x, fix.y)
            self.tracks.append(Track(first_us=self._at_us, seen_us=self._at_us, came_in=came_in))

    def name(self, rows: Iterable[int]) -> None:
        """Confirm those of the tentative tracks in `rows` that turned out to be people."""
        for row in rows:
            track = self.tracks[row]
            if track.name is None and is_somebody(track) and not self._is_twin(row):
                self._resume(row)
                if track.name is None:
                    self._named += 1
                    track.name = TrackId(f"t{self._named}")

    def end(self, time_us: int) -> list[TrackEnded]:
        """Let go of those who were not seen for too long."""
        over = [i for i, track in enumerate(self.tracks) if is_over(track, time_us)]
        if not over:
            return []
        gone = [self._last_seen(row) for row in over if self.tracks[row].name]
        kept = [i for i in range(len(self.tracks)) if i not in over]
        self.beliefs = Beliefs(self.beliefs.mean[kept], self.beliefs.cov[kept])
        self.tracks = [self.tracks[i] for i in kept]
        self._lost = [lost for lost in self._lost if time_us - lost.track.seen_us <= LOST_US]
        self._lost += [lost for lost in gone if not self._floor.at_gate(lost.x, lost.y)]
        return [
            TrackEnded(track=lost.track.name, time_us=lost.track.seen_us, x=lost.x, y=lost.y)
            for lost in gone
            if lost.track.name is not None
        ]

    def snapshot(self) -> dict[str, Any]:
        """Return everything, as plain values."""
        return {
            "at_us": self._at_us,
            "named": self._named,
            "mean": self.beliefs.mean.tolist(),
            "cov": self.beliefs.cov.tolist(),
            "tracks": _plain(self.tracks),
            "lost": _plain(self._lost),
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Take up where `snapshot` was taken."""
        self._at_us, self._named = snapshot["at_us"], snapshot["named"]
        self.beliefs = Beliefs(
            np.array(snapshot["mean"], dtype=np.float64).reshape(-1, 4),
            np.array(snapshot["cov"], dtype=np.float64).reshape(-1, 4, 4),
        )
        self.tracks = msgspec.convert(snapshot["tracks"], list[Track], dec_hook=_to_array)
        self._lost = msgspec.convert(snapshot["lost"], list[Whereabouts], dec_hook=_to_array)

    def _resume(self, row: int) -> None:
        """Give a newcomer the name of the missing person they clearly are, if any."""
        coasting = [
            i
            for i, track in enumerate(self.tracks)
            if track.name and self._at_us - track.seen_us >= UNSEEN_US
        ]
        recent = [w for w in self._lost if self._at_us - w.track.seen_us <= LOST_US]
        rivals = [
            self._present(i)
            for i, track in enumerate(self.tracks)
            if track.name is None and i != row and track.hits > 1
        ]
        missing = [self._last_seen(i) for i in coasting] + recent
        found = past_of(self._present(row), rivals, missing, time_us=self._at_us)
        if found is None:
            return
        past, track = missing[found].track, self.tracks[row]
        track.name, track.due_us, track.first_us = past.name, past.due_us, past.first_us
        track.in_hand = past.in_hand | track.in_hand
        track.came_in = past.came_in
        past.name, past.seen_us = None, -LOST_US  # a coasting row goes at the next `end`
        self._lost = [lost for lost in recent if lost.track is not past]

    def _is_twin(self, row: int) -> bool:
        """Whether a tentative track may be a second view of a named one that is being seen."""
        track = self.tracks[row]
        if track.apart >= TWIN_WITNESSES:
            return False
        return any(
            other.name is not None and self._at_us - other.seen_us < UNSEEN_US
            for i, other in enumerate(self.tracks)
            if i != row and self._distance(i, row) < TWIN_M
        )

    def _note_apart(self, rows: list[int]) -> None:
        """Remember which rumours were seen in one frame with a named track beside them."""
        for row in rows:
            track = self.tracks[row]
            if track.name is None and any(
                self.tracks[i].name and self._distance(i, row) < TWIN_M for i in rows
            ):
                track.apart += 1

    def _distance(self, row: int, other: int) -> float:
        mean = self.beliefs.mean
        return float(np.hypot(*(mean[row, :2] - mean[other, :2])))

    def _present(self, row: int) -> Whereabouts:
        x, y = self.beliefs.mean[row, :2].tolist()
        return Whereabouts(self.tracks[row], x, y)

    def _last_seen(self, row: int) -> Whereabouts:
        """Where a coasting track was when last seen: prediction is linear, so walk it back."""
        track = self.tracks[row]
        x, y, vx, vy = self.beliefs.mean[row].tolist()
        coasted_s = seconds_between(track.seen_us, self._at_us)
        return Whereabouts(track, x - vx * coasted_s, y - vy * coasted_s)


_COVARIANCE = [2, 3, 3, 4]  # columns xx, xy, xy, yy of a Fix


def _plain(value: object) -> Any:
    return msgspec.to_builtins(value, enc_hook=np.ndarray.tolist)


def _to_array(_: type, value: list[float]) -> FloatArray:
    return np.array(value, dtype=np.float64)
