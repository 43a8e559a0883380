"""The loop of a live camera node."""

import threading
from collections.abc import Callable

from store_engine.messages import DeviceStatus
from store_engine.units import US_PER_S
from store_engine.vision.feed import Feed
from store_engine.vision.node import CameraNode

REPORT_EVERY_S = 10.0  # often enough to trust a camera, rare beside its frames (guess)
_LOOK_S = 0.2  # how soon the loop notices that it should stop, or that a source went away


def watch(
    feed: Feed,
    node: CameraNode,
    *,
    stop: threading.Event,
    now_us: Callable[[], int],
    report_every_s: float = REPORT_EVERY_S,
    on_report: Callable[[DeviceStatus], object] = lambda _: None,
) -> None:
    """Say what a camera sees until `stop` is set or its source ends; then say that it is offline.

    Health is said every `report_every_s`, and at once when the source goes away or comes back.
    """
    every_us = round(report_every_s * US_PER_S)
    feed.start()
    on_report(node.say("online", "starting", time_us=now_us()))
    trouble, why, due_us = "", "failed", now_us() + every_us
    try:
        while not (stop.is_set() or feed.ended):
            frame = feed.newest(wait_s=_LOOK_S)
            if frame is not None:
                node.see(frame)
            if now_us() >= due_us or feed.trouble != trouble:
                trouble, due_us = feed.trouble, now_us() + every_us
                on_report(node.report(feed=feed.counts(), trouble=trouble, time_us=now_us()))
        why = "stopped" if stop.is_set() else "its source has ended"
    finally:
        feed.close()
        on_report(node.say("offline", why, time_us=now_us()))
