import numpy as np
import pytest
from fake_feeds import frame

from store_engine.vision.feed import FeedCounts
from store_engine.vision.health import Health, Lookout
from store_engine.vision.ports import Frame


def report(feed: FeedCounts, *, frames: int = 100, sent: bool = True, troubles=()):
    health = Health(now_s=0.0)
    for _ in range(frames):
        health.count(detector_s=0.020, sent=sent)
    return health.report(now_s=10.0, feed=feed, troubles=troubles)


def test_a_node_that_keeps_up_is_online_and_says_how_it_does():
    state, detail = report(FeedCounts(read=100))
    assert state == "online"
    assert detail == "10.0 frames/s, 0 of 100 dropped, detector 20 ms, source lost 0 times"


def test_a_node_that_is_too_slow_is_degraded_and_says_how_many_it_dropped():
    state, detail = report(FeedCounts(read=100, dropped=40), frames=60)
    assert state == "degraded"
    assert detail.startswith("too slow for the source; 6.0 frames/s, 40 of 100 dropped")


def test_a_frame_missed_now_and_then_is_no_trouble():
    assert report(FeedCounts(read=100, dropped=5)).state == "online"


def test_frames_that_nobody_takes_off_our_hands_are_trouble():
    state, detail = report(FeedCounts(read=2), frames=2, sent=False)
    assert (state, detail.split(";")[0]) == (
        "degraded",
        "2 frames not sent: too many wait for the broker",
    )


def test_each_report_counts_anew():
    health = Health(now_s=0.0)
    health.report(now_s=10.0, feed=FeedCounts(read=100, dropped=90), troubles=())
    health.count(detector_s=0.0, sent=True)
    later = health.report(now_s=20.0, feed=FeedCounts(read=101, dropped=90), troubles=("",))
    assert later.state == "online"
    assert later.detail.startswith("0.1 frames/s, 0 of 1 dropped")


def test_a_source_in_trouble_makes_the_node_degraded():
    assert report(FeedCounts(), frames=0, troubles=("the stream broke off",)).state == "degraded"


def test_a_covered_lens_is_noticed():
    assert Lookout().trouble(frame(shade=3)) == "dark image: mean 3 of 255"


def test_an_image_that_never_changes_is_noticed_after_three_seconds():
    lookout = Lookout()
    troubles = [lookout.trouble(frame(number)) for number in range(32)]
    assert troubles[29] == ""
    assert troubles[30] == "frozen image: the same for 3 s"


def test_the_noise_of_a_sensor_is_change_enough():
    lookout, noise = Lookout(), np.random.default_rng(1)
    for number in range(60):
        still = frame(number)
        grain = noise.integers(0, 2, still.image.shape, dtype=np.uint8)
        assert lookout.trouble(Frame(still.image + grain, still.time_us)) == ""


@pytest.mark.parametrize("shade", [13, 255])
def test_dim_and_bright_images_are_no_trouble(shade):
    assert Lookout().trouble(frame(shade=shade)) == ""
