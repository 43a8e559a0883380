import itertools
import time

import pytest
from fake_feeds import Flaky, Reel, frame

from store_engine.errors import RecordingError
from store_engine.vision.feed import Feed


def taken(feed: Feed, *, each_s: float = 0.0) -> list[int]:
    """Take frames until the feed ends; return their times."""
    times = []
    while not feed.ended:
        found = feed.newest(wait_s=0.05)
        if found is not None:
            times.append(found.time_us)
            time.sleep(each_s)
    return times


def started(open_source, *, endless: bool = False) -> Feed:
    feed = Feed(open_source, endless=endless, retry_first_s=0.02)
    feed.start()
    return feed


def test_who_takes_frames_in_time_misses_none():
    feed = started(lambda: Reel(map(frame, range(5)), each_s=0.03))
    assert taken(feed) == [frame(number).time_us for number in range(5)]
    assert feed.counts() == (5, 0, 0)


def test_who_is_slow_misses_frames_and_gets_the_newest():
    feed = started(lambda: Reel(map(frame, range(40)), each_s=0.005))
    times = taken(feed, each_s=0.05)
    read, dropped, _ = feed.counts()
    assert read == 40
    assert dropped == 40 - len(times) > 20
    assert times == sorted(times)
    assert times[-1] == frame(39).time_us


def test_a_stream_that_goes_away_is_opened_again_and_goes_on():
    sources = Flaky(Reel([frame(0)]), None, Reel([frame(1)]))
    feed = started(sources, endless=True)
    assert sources.spent.wait(5.0)
    feed.close()
    assert len(sources.tried_s) >= 4
    assert feed.counts().read == 2


def test_each_wait_for_a_camera_that_stays_away_is_twice_as_long():
    sources = Flaky(None, None, None, None)
    feed = started(sources, endless=True)
    assert sources.spent.wait(5.0)
    feed.close()
    tried = sources.tried_s
    waits = [after - before for before, after in itertools.pairwise(tried)]
    assert all(wait >= least for wait, least in zip(waits, (0.02, 0.04, 0.08, 0.16), strict=False))


def test_what_is_wrong_with_a_stream_is_told_until_frames_come_again():
    feed = started(Flaky(None, Reel(map(frame, range(9)), each_s=0.02)), endless=True)
    seen = []
    while feed.newest(wait_s=0.005) is None:
        seen.append(feed.trouble)
    assert "nothing is there" in seen
    assert feed.trouble == ""
    feed.close()


def test_a_file_that_cannot_be_read_is_not_tried_again():
    def broken() -> Reel:
        raise RecordingError("shop.mp4: no such file")

    feed = started(broken)
    with pytest.raises(RecordingError, match=r"shop\.mp4"):
        taken(feed)


def test_a_source_that_was_left_is_closed():
    reel = Reel(map(frame, range(1_000)), each_s=0.005)
    feed = started(lambda: reel)
    assert feed.newest(wait_s=1.0) is not None
    feed.close()
    assert reel.closed
