"""What attribution remembers: recent moves, whose visit people shop for, restless plates."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable
from typing import Any

from store_engine.signals import Hand, PlateUnsettled, TrackMoved, VisitorBound
from store_engine.units import US_PER_S, Gtin, MessageRef, PlateId, TrackId, VisitId

MEMORY_US = 60 * US_PER_S  # moves kept; longer than any contact that ends in a step (guess)


Holder = str  # a visit, or "track:..." while a track shops for nobody
HolderOf = Callable[[TrackId], Holder]


def _time(moved: TrackMoved) -> int:
    return moved.time_us


class Moves:
    """The last minute of every track, in event time."""

    def __init__(self) -> None:
        self._rows: dict[TrackId, list[TrackMoved]] = {}
        self._out: dict[TrackId, int] = {}  # when they walked out

    def walk_out(self, track: TrackId, time_us: int) -> None:
        """A track left the store: it is not lost, it is nowhere."""
        if track in self._rows:
            self._out.setdefault(track, time_us)

    def add(self, moved: TrackMoved) -> None:
        """Remember one move; moves of a track nearly always come in order."""
        rows = self._rows.get(moved.track)
        if rows is None:
            self._rows[moved.track] = [moved]
        elif rows[-1].time_us <= moved.time_us:
            rows.append(moved)
        else:
            insort(rows, moved, key=_time)

    def __contains__(self, track: str) -> bool:
        return TrackId(track) in self._rows

    def tracks(self) -> list[TrackId]:
        """Return the tracks that moved within memory, sorted."""
        return sorted(self._rows)

    def between(self, track: TrackId, since_us: int, until_us: int) -> list[TrackMoved]:
        """Return the moves of a track in [since_us, until_us]."""
        rows = self._rows.get(track, [])
        first = bisect_left(rows, since_us, key=_time)
        return rows[first : bisect_right(rows, until_us, lo=first, key=_time)]

    def latest(self) -> list[TrackMoved]:
        """Return the last move of every track within memory, by when the track came."""
        return [rows[-1] for rows in self._rows.values()]

    def last_before(self, track: TrackId, time_us: int) -> TrackMoved | None:
        """Return the last move of a track before `time_us`, None if it had walked out by then."""
        rows = self._rows.get(track, []) if self._out.get(track, time_us) >= time_us else []
        index = bisect_left(rows, time_us, key=_time)
        return rows[index - 1] if index else None

    def forget_before(self, time_us: int) -> None:
        """Drop older moves, and tracks that have none left."""
        for track, rows in list(self._rows.items()):
            if rows[-1].time_us < time_us:
                del self._rows[track]
                self._out.pop(track, None)
            elif rows[0].time_us < time_us:
                del rows[: bisect_left(rows, time_us, key=_time)]

    def snapshot(self) -> dict[str, Any]:
        """Return all moves as plain rows, without the field names that would double the size."""
        rows = {track: [_row(moved) for moved in rows] for track, rows in self._rows.items()}
        return {"rows": rows, "out": dict(self._out)}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Become the history that took `snapshot`."""
        self._rows = {
            TrackId(track): [_moved(TrackId(track), row) for row in rows]
            for track, rows in snapshot["rows"].items()
        }
        self._out = {TrackId(track): time_us for track, time_us in snapshot["out"].items()}


def _row(moved: TrackMoved) -> list[Any]:
    head = None if moved.head is None else list(moved.head)
    hands = [list(hand) for hand in moved.hands]
    in_hand = [list(held) for held in moved.in_hand]
    place = [moved.x, moved.y, moved.var_xx, moved.var_xy, moved.var_yy]
    return [moved.time_us, *place, head, hands, in_hand, moved.cause]


def _moved(track: TrackId, row: list[Any]) -> TrackMoved:
    time_us, x, y, var_xx, var_xy, var_yy, head, hands, in_hand, cause = row
    return TrackMoved(
        track=track,
        time_us=time_us,
        x=x,
        y=y,
        var_xx=var_xx,
        var_xy=var_xy,
        var_yy=var_yy,
        head=None if head is None else (head[0], head[1], head[2]),
        hands=tuple(Hand(*hand) for hand in hands),
        in_hand=tuple((Gtin(gtin), score) for gtin, score in in_hand),
        cause=MessageRef(cause),
    )


class Bindings:
    """Which visit each track shops for, as known at any event time."""

    def __init__(self) -> None:
        self._bound: dict[TrackId, list[tuple[int, str | None]]] = {}

    def add(self, bound: VisitorBound) -> None:
        """Remember that a track belongs to a visit, or to nobody's, from now on."""
        insort(self._bound.setdefault(bound.track, []), (bound.time_us, bound.visit), key=_when)

    def bound_after(self, time_us: int) -> frozenset[TrackId]:
        """Return the tracks of which something was said after `time_us`."""
        return frozenset(track for track, bound in self._bound.items() if bound[-1][0] > time_us)

    def holder(self, track: TrackId) -> str:
        """Return whose cart a track fills: its visit, or the track itself while it has none."""
        bound = self._bound.get(track)
        return (bound[-1][1] if bound else None) or f"track:{track}"

    def holder_at(self, track: TrackId, at_us: int) -> str:
        """Return whose cart a track filled, by what was known at an event time."""
        bound = self._bound.get(track, [])
        known = bisect_right(bound, at_us, key=_when)
        return (bound[known - 1][1] if known else None) or f"track:{track}"

    def tracks_of(self, visit: VisitId, at_us: int) -> list[TrackId]:
        """Return the tracks that shop for a visit, sorted."""
        return sorted(track for track in self._bound if self.holder_at(track, at_us) == visit)

    def bound_before(self, track: TrackId, time_us: int) -> bool:
        """Whether the last word about a track is older than `time_us`."""
        return self._bound[track][-1][0] < time_us

    def forget(self, tracks: list[TrackId]) -> None:
        """Drop tracks that cannot come back."""
        for track in tracks:
            self._bound.pop(track, None)

    @property
    def tracks(self) -> list[TrackId]:
        """Every track heard of, sorted."""
        return sorted(self._bound)

    def snapshot(self) -> dict[str, Any]:
        """Return all bindings as plain values."""
        return {track: [list(one) for one in bound] for track, bound in self._bound.items()}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Become the bindings that took `snapshot`."""
        self._bound = {
            TrackId(track): [(time_us, visit) for time_us, visit in bound]
            for track, bound in snapshot.items()
        }


def _when(bound: tuple[int, str | None]) -> int:
    return bound[0]


class RestlessPlates:
    """When plates were being touched: steps of such plates may still come."""

    def __init__(self) -> None:
        self._spans: dict[PlateId, list[tuple[int, int | None]]] = {}  # since, until

    def add(self, signal: PlateUnsettled) -> None:
        """Open, or close, the span of a plate."""
        spans = self._spans.setdefault(signal.plate, [])
        is_open = bool(spans) and spans[-1][1] is None
        if signal.since_us is None:
            if is_open:
                spans[-1] = (spans[-1][0], signal.time_us)
        elif is_open:
            spans[-1] = (min(spans[-1][0], signal.since_us), None)
        else:
            spans.append((signal.since_us, None))

    def restless_at(self, time_us: int) -> list[tuple[PlateId, int, int | None]]:
        """Return (plate, since, until) of the spans that cover `time_us`, by plate."""
        return [
            (plate, since_us, until_us)
            for plate, spans in sorted(self._spans.items())
            for since_us, until_us in spans
            if since_us <= time_us and (until_us is None or until_us > time_us)
        ]

    def forget_before(self, time_us: int) -> None:
        """Drop spans that ended earlier."""
        for plate, spans in list(self._spans.items()):
            spans[:] = [span for span in spans if span[1] is None or span[1] >= time_us]
            if not spans:
                del self._spans[plate]

    def snapshot(self) -> dict[str, Any]:
        """Return all spans as plain values."""
        return {plate: [list(span) for span in spans] for plate, spans in self._spans.items()}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Become the record that took `snapshot`."""
        self._spans = {
            PlateId(plate): [(since_us, until_us) for since_us, until_us in spans]
            for plate, spans in snapshot.items()
        }
