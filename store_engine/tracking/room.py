"""The tracking room: camera detections and upstream people -> one track per person."""

from collections.abc import Sequence
from typing import Any

from store_engine.errors import InvariantError
from store_engine.messages import CameraFrame, Heard, TrackedPeople
from store_engine.signals import TrackEnded, TrackMoved
from store_engine.store_map import StoreMap
from store_engine.tracking.cameras import CameraView
from store_engine.tracking.crowd import Crowd
from store_engine.tracking.detections import locate, refine
from store_engine.tracking.evidence import looks, note_detection, note_person
from store_engine.tracking.floor import Floor
from store_engine.tracking.lifecycle import Track
from store_engine.tracking.reports import CAMERAS_PERIOD_US, TRACKER_PERIOD_US, is_due, report
from store_engine.tracking.upstream import hints, place


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
        crowd, said = self._crowd, [*self._crowd.end(time_us)]
        seen = [
            (person, sighting)
            for person in frame.people
            if (sighting := locate(view, person)) is not None
            and self._floor.holds(sighting.fix.x, sighting.fix.y)
        ]
        fixes = [sighting.fix for _, sighting in seen]
        pairs = crowd.pair(fixes, time_us, looks(crowd.tracks, [person for person, _ in seen]))
        known = {column: crowd.tracks[row] for row, column in pairs}
        crowd.miss(known.values(), view.sees)
        tracks = []
        for column, (person, sighting) in enumerate(seen):
            track = known.get(column)
            if track is None:
                track = crowd.add(sighting.fix, time_us)
            else:
                crowd.correct(track, refine(view, sighting, track.height, time_us), time_us)
            note_detection(track, person, sighting, camera=frame.device, time_us=time_us)
            tracks.append(track)
        return said + self._report(tracks, time_us, frame, period_us=CAMERAS_PERIOD_US)

    def see_people(self, people: TrackedPeople, time_us: int) -> list[TrackMoved | TrackEnded]:
        """Take in what an upstream 3-D tracker says.

        Args:
            people: everyone it follows.
            time_us: aligned event time, never earlier than in the call before.
        """
        crowd, said = self._crowd, [*self._crowd.end(time_us)]
        seen = [
            (person, fix)
            for person in people.people
            if (fix := place(person)) is not None and self._floor.holds(fix.x, fix.y)
        ]
        fixes, everyone = [fix for _, fix in seen], [person for person, _ in seen]
        hint = hints(crowd.tracks, everyone, people.device, is_outside=crowd.is_outside)
        pairs = crowd.pair(fixes, time_us, hint)
        known = {column: crowd.tracks[row] for row, column in pairs}
        crowd.miss_known(known.values(), people.device)
        tracks = []
        for column, (person, fix) in enumerate(seen):
            track = known.get(column)
            if track is None:
                track = crowd.add(fix, time_us)
            else:
                crowd.correct(track, fix, time_us)
            note_person(track, person, fix, device=people.device, time_us=time_us)
            tracks.append(track)
        return said + self._report(tracks, time_us, people, period_us=TRACKER_PERIOD_US)

    def pass_time(self, time_us: int) -> list[TrackMoved | TrackEnded]:
        """Let quiet time pass: those who were not seen for too long are let go."""
        return [*self._crowd.end(time_us)]

    def snapshot(self) -> dict[str, Any]:
        """Return the state as plain values."""
        return self._crowd.snapshot()

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Continue exactly where `snapshot` was taken."""
        self._crowd.restore(snapshot)

    def _report(
        self, tracks: Sequence[Track], time_us: int, message: Heard, *, period_us: int
    ) -> list[TrackMoved | TrackEnded]:
        """Name who turned out to be a person, and speak of those whose turn it is."""
        if not tracks:
            return []
        self._crowd.name(tracks)
        due = [
            (track, track.name)
            for track in tracks
            if track.name is not None and is_due(track, time_us, period_us=period_us)
        ]
        if not due:
            return []
        cause = message.ref
        return [
            report(track, name, time_us=time_us, views=self._views, cause=cause)
            for track, name in due
        ]
