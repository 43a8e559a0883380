"""The tracking room: camera detections and upstream people -> one track per person."""

from collections.abc import Sequence
from typing import Any

from store_engine.errors import InvariantError
from store_engine.messages import CameraFrame, TrackedPeople
from store_engine.signals import TrackEnded, TrackMoved
from store_engine.store_map import StoreMap
from store_engine.tracking.cameras import CameraView, Fix
from store_engine.tracking.crowd import Crowd
from store_engine.tracking.detections import locate, refine
from store_engine.tracking.evidence import looks, note_detection, note_person
from store_engine.tracking.floor import Floor
from store_engine.tracking.reports import is_due, report
from store_engine.tracking.upstream import hints, place
from store_engine.units import MessageRef


class Tracking:
    """Follows everybody in the store. Frames of any source update the same tracks."""

    def __init__(self, store_map: StoreMap) -> None:
        self._floor = Floor(store_map)
        self._crowd = Crowd(self._floor)
        self._views: dict[str, CameraView] = {
            camera.camera: CameraView(camera, self._floor) for camera in store_map.cameras.values()
        }

    def see_frame(self, frame: CameraFrame, time_us: int) -> list[TrackMoved | TrackEnded]:
        """Take in what one camera saw.

        Args:
            frame: from a camera of the store map.
            time_us: aligned event time, never earlier than in the call before.
        """
        view = self._views.get(frame.device)
        if view is None:
            raise InvariantError(f"camera {frame.device}: not on the store map")
        said = self._begin(time_us)
        crowd = self._crowd
        seen = [
            (person, sighting)
            for person in frame.people
            if (sighting := locate(view, person)) is not None
            and self._floor.holds(sighting.fix.x, sighting.fix.y)
        ]
        extra = looks(crowd.tracks, [person for person, _ in seen])
        rows, columns = crowd.pair([sighting.fix for _, sighting in seen], extra)
        crowd.correct(
            rows,
            [
                refine(view, seen[column][1], crowd.tracks[row].height.at(time_us))
                for row, column in zip(rows, columns, strict=True)
            ],
        )
        crowd.miss(rows, view.sees)
        rows, columns = self._add_others([sighting.fix for _, sighting in seen], rows, columns)
        for row, column in zip(rows, columns, strict=True):
            person, sighting = seen[column]
            note_detection(
                crowd.tracks[row], person, sighting, camera=frame.device, time_us=time_us
            )
        return said + self._finish(rows, time_us, frame.ref)

    def see_people(self, people: TrackedPeople, time_us: int) -> list[TrackMoved | TrackEnded]:
        """Take in what an upstream 3-D tracker says.

        Args:
            people: everyone it follows.
            time_us: aligned event time, never earlier than in the call before.
        """
        said = self._begin(time_us)
        crowd = self._crowd
        seen = [
            (person, fix)
            for person in people.people
            if (fix := place(person)) is not None and self._floor.holds(fix.x, fix.y)
        ]
        extra = hints(crowd.tracks, [person for person, _ in seen], people.device)
        fixes = [fix for _, fix in seen]
        rows, columns = crowd.pair(fixes, extra)
        crowd.correct(rows, [fixes[column] for column in columns])
        rows, columns = self._add_others(fixes, rows, columns)
        for row, column in zip(rows, columns, strict=True):
            person, fix = seen[column]
            note_person(crowd.tracks[row], person, fix, device=people.device, time_us=time_us)
        return said + self._finish(rows, time_us, people.ref)

    def pass_time(self, time_us: int) -> list[TrackMoved | TrackEnded]:
        """Let quiet time pass: those who were not seen for too long are let go."""
        return [*self._crowd.end(time_us)]

    def snapshot(self) -> dict[str, Any]:
        """Return the state as plain values."""
        return self._crowd.snapshot()

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Continue exactly where `snapshot` was taken."""
        self._crowd.restore(snapshot)

    def _begin(self, time_us: int) -> list[TrackMoved | TrackEnded]:
        ended = self._crowd.end(time_us)
        self._crowd.advance(time_us)
        return [*ended]

    def _add_others(
        self, fixes: Sequence[Fix], rows: list[int], columns: list[int]
    ) -> tuple[list[int], list[int]]:
        """Start tracks for the fixes that are nobody's yet; return all pairs, new ones last."""
        others = [column for column in range(len(fixes)) if column not in columns]
        if not others:
            return rows, columns
        first = len(self._crowd.tracks)
        self._crowd.add([fixes[column] for column in others])
        return rows + list(range(first, first + len(others))), columns + others

    def _finish(
        self, rows: Sequence[int], time_us: int, cause: MessageRef
    ) -> list[TrackMoved | TrackEnded]:
        """Name who turned out to be a person, and speak of those whose turn it is."""
        crowd = self._crowd
        crowd.name(rows)
        said: list[TrackMoved | TrackEnded] = []
        for row in sorted(rows):
            track = crowd.tracks[row]
            if track.name is None or not is_due(track, time_us):
                continue
            mean = crowd.beliefs.mean[row].tolist()
            cov = crowd.beliefs.cov[row, :2, :2].ravel().tolist()
            said.append(
                report(
                    track, track.name, mean, cov, time_us=time_us, views=self._views, cause=cause
                )
            )
        return said
