"""One camera's voice: frames become messages, and nothing else leaves."""

import time
from collections.abc import Callable
from typing import Literal

import msgspec

from store_engine.messages import CameraFrame, DeviceStatus
from store_engine.ports import Publisher
from store_engine.topics import heard_topic, topic_for
from store_engine.vision.feed import FeedCounts
from store_engine.vision.health import Health, Lookout
from store_engine.vision.ports import Detector, Frame

# Frames that wait for an absent broker: a quarter of an hour at 10 a second, about 20 MB (guess).
# They are worth keeping: the engine waits for what it knows to be on its way.
BACKLOG_MAX = 9_000

State = Literal["online", "degraded", "offline"]


class CameraNode:
    """Detects, numbers and publishes.

    boot: names this life of the device; another one after every start.
    stopwatch: seconds since some moment, to time the detector.
    """

    def __init__(
        self,
        camera: str,
        *,
        store: str,
        detector: Detector,
        publisher: Publisher,
        boot: int,
        stopwatch: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._camera = camera
        self._store = store
        self._detector = detector
        self._publisher = publisher
        self._boot = boot
        self._stopwatch = stopwatch
        self._health = Health(now_s=stopwatch())
        self._lookout = Lookout()
        self._image_trouble = ""
        self.said = 0  # frames published: also the next one's sequence

    def see(self, frame: Frame) -> None:
        """Detect people in a frame and publish who was found, even if nobody was."""
        began_s = self._stopwatch()
        people = self._detector.detect(frame)
        took_s = self._stopwatch() - began_s
        self._image_trouble = self._lookout.trouble(frame)
        # What is not sent takes no number: nobody waits for it.
        room = self._publisher.pending() < BACKLOG_MAX
        self._health.count(detector_s=took_s, sent=room)
        if room:
            said = CameraFrame(
                device=self._camera,
                sequence=self.said,
                time_us=frame.time_us,
                boot=self._boot,
                people=people,
            )
            self._publish(said)
            self.said += 1

    def report(self, *, feed: FeedCounts, trouble: str, time_us: int) -> DeviceStatus:
        """Publish how the node does since the last report.

        trouble: what is wrong with the source, "" when frames come.
        """
        image_trouble = "" if trouble else self._image_trouble
        state, detail = self._health.report(
            now_s=self._stopwatch(), feed=feed, troubles=(trouble, image_trouble)
        )
        return self.say(state, detail, time_us=time_us)

    def say(self, state: State, detail: str, *, time_us: int) -> DeviceStatus:
        """Publish a status. It takes no number of its own: it repeats the latest."""
        status = status_of(
            self._camera, state, detail, boot=self._boot, said=self.said, time_us=time_us
        )
        self._publish(status)
        return status

    def _publish(self, said: CameraFrame | DeviceStatus) -> None:
        how = topic_for(type(said))
        payload = msgspec.json.encode(said)
        topic = heard_topic(self._store, said)
        self._publisher.publish(topic, payload, qos=how.qos, retain=how.retain)


def status_of(
    camera: str, state: State, detail: str, *, boot: int, said: int, time_us: int
) -> DeviceStatus:
    """Return a camera's status after it has `said` so many frames."""
    return DeviceStatus(
        device=camera,
        sequence=max(said - 1, 0),
        time_us=time_us,
        boot=boot,
        state=state,
        detail=detail,
    )
