import threading
import time

import pytest
from fake_feeds import SOMEBODY, Always, Flaky, Post, Reel, frame

from store_engine.errors import RecordingError
from store_engine.vision.feed import Feed
from store_engine.vision.node import CameraNode
from store_engine.vision.watching import watch


def now_us() -> int:
    return time.time_ns() // 1_000


def watched(open_source, *, takes_s: float = 0.0, endless=False, stop=None, every_s=0.1) -> Post:
    post, feed = Post(), Feed(open_source, endless=endless, retry_first_s=0.02)
    detector = Always(SOMEBODY, takes_s=takes_s)
    node = CameraNode("cam", store="tiny", detector=detector, publisher=post, boot=1)
    watch(feed, node, stop=stop or threading.Event(), now_us=now_us, report_every_s=every_s)
    return post


def test_a_node_with_a_slow_detector_drops_frames_and_says_so():
    post = watched(lambda: Reel(map(frame, range(60)), each_s=0.01), takes_s=0.05)
    times = [said.time_us for said in post.frames]
    assert len(times) < 30
    assert times[-1] == frame(59).time_us  # never behind: the last frame is still seen
    degraded = [said.detail for said in post.statuses if said.state == "degraded"]
    assert degraded
    assert degraded[0].startswith("too slow for the source")


def test_what_is_said_has_no_gaps_although_frames_were_dropped():
    post = watched(lambda: Reel(map(frame, range(40)), each_s=0.01), takes_s=0.05)
    assert [said.sequence for said in post.frames] == list(range(len(post.frames)))


def test_a_node_comes_online_and_says_when_its_source_has_ended():
    post = watched(lambda: Reel([frame()]))
    assert (post.statuses[0].state, post.statuses[0].detail) == ("online", "starting")
    assert (post.statuses[-1].state, post.statuses[-1].detail) == (
        "offline",
        "its source has ended",
    )


def test_a_lost_stream_is_said_at_once_and_so_is_its_return():
    stop = threading.Event()
    back = Reel(map(frame, range(2, 60)), each_s=0.02)
    sources = Flaky(Reel([frame(0), frame(1)], each_s=0.02), None, None, None, None, None, back)
    threading.Thread(target=lambda: (sources.spent.wait(5.0), stop.set())).start()
    post = watched(sources, endless=True, stop=stop, every_s=60.0)
    states = [said.state for said in post.statuses]
    assert states[:3] == ["online", "degraded", "online"] or states[:4] == [
        "online", "degraded", "degraded", "online",
    ]  # fmt: skip
    assert "nothing is there" in post.statuses[states.index("online", 1) - 1].detail
    assert states[-1] == "offline"


def test_a_source_that_cannot_be_read_ends_the_node_offline():
    def broken() -> Reel:
        raise RecordingError("shop.mp4: no such file")

    post, feed = Post(), Feed(broken, endless=False)
    node = CameraNode("cam", store="tiny", detector=Always(), publisher=post, boot=1)
    with pytest.raises(RecordingError):
        watch(feed, node, stop=threading.Event(), now_us=now_us)
    assert (post.statuses[-1].state, post.statuses[-1].detail) == ("offline", "failed")
