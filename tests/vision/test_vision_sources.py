import cv2
import numpy as np
import pytest
from drawn_store import BEGIN_US, encode, eye, film
from fake_feeds import Reel, frame
from structlog.testing import capture_logs

from store_engine.errors import ConfigError, RecordingError
from store_engine.vision.ports import Frame
from store_engine.vision.sources import Fitted, ImageFolder, Paced, VideoFile


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    return encode(film(eye("camera-1"), [], 1.2), tmp_path_factory.mktemp("video") / "shop.mp4")


def read_all(source) -> list[Frame]:
    frames = []
    while (found := source.read()) is not None:
        frames.append(found)
    source.close()
    return frames


@pytest.mark.parametrize(("codec", "ending"), [("mp4v", "mp4"), ("MJPG", "avi")])
def test_frames_of_a_video_were_taken_when_the_file_says(tmp_path, codec, ending):
    path = encode(film(eye("camera-1"), [], 1.2), tmp_path / f"shop.{ending}", codec)
    times = [found.time_us for found in read_all(VideoFile(path, begin_us=BEGIN_US))]
    assert times == [BEGIN_US + number * 100_000 for number in range(12)]


def test_a_missing_video_is_named(tmp_path):
    with pytest.raises(RecordingError, match=r"none\.mp4: no such file"):
        VideoFile(tmp_path / "none.mp4", begin_us=0)


def test_a_file_that_is_no_video_is_named(tmp_path):
    path = tmp_path / "notes.mp4"
    path.write_text("not a video")
    with pytest.raises(RecordingError, match=r"notes\.mp4: holds no video"):
        VideoFile(path, begin_us=0)


def test_a_video_that_was_cut_off_gives_what_it_has_and_says_so(tmp_path):
    whole = encode(film(eye("camera-1"), [], 4.0), tmp_path / "whole.avi", "MJPG").read_bytes()
    cut = tmp_path / "cut.avi"
    cut.write_bytes(whole[: len(whole) // 2])
    with capture_logs() as said:
        assert 5 < len(read_all(VideoFile(cut, begin_us=0))) < 35
    assert [one["event"] for one in said] == ["video ends early, it may be damaged"]


def test_images_of_a_folder_come_in_the_order_of_their_numbers(tmp_path):
    for number in (10, 9, 100):
        cv2.imwrite(str(tmp_path / f"frame-{number}.png"), np.full((36, 64, 3), number, np.uint8))
    frames = read_all(ImageFolder(tmp_path, begin_us=0, rate_hz=5.0))
    assert [int(found.image[0, 0, 0]) for found in frames] == [9, 10, 100]
    assert [found.time_us for found in frames] == [0, 200_000, 400_000]


def test_a_folder_without_images_is_named(tmp_path):
    with pytest.raises(RecordingError, match="no image in it"):
        ImageFolder(tmp_path, begin_us=0, rate_hz=5.0)


def test_an_image_that_cannot_be_decoded_is_named(tmp_path):
    (tmp_path / "1.png").write_bytes(b"broken")
    with pytest.raises(RecordingError, match=r"1\.png: not an image"):
        ImageFolder(tmp_path, begin_us=0, rate_hz=5.0).read()


def test_no_frame_of_a_paced_file_comes_before_its_time():
    now_us = frame(0).time_us
    slept: list[float] = []
    paced = Paced(Reel(map(frame, range(3))), clock_us=lambda: now_us, sleep=slept.append)
    assert len(read_all(paced)) == 3
    assert slept == [0.1, 0.2]


def fitted(width: int, height: int, image: tuple[int, int]) -> Fitted:
    shown = Frame(np.zeros((image[1], image[0], 3), np.uint8), 1)
    return Fitted(Reel([shown]), name="camera-1", width_px=width, height_px=height)


def test_a_larger_image_of_the_same_shape_is_scaled_to_the_calibration():
    assert fitted(640, 360, (1920, 1080)).read().image.shape == (360, 640, 3)


def test_an_image_of_another_shape_is_refused_with_both_sizes():
    with pytest.raises(ConfigError, match=r"camera-1: images have 640 x 480 .* 640 x 360"):
        fitted(640, 360, (640, 480)).read()
