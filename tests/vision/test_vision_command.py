"""`store-engine camera` as a person types it, into recordings."""

from pathlib import Path

import pytest
from drawn_store import NANOSTORE, encode, eye, film, line
from typer.testing import CliRunner

from store_engine.adapters.recordings import McapRecording
from store_engine.cli import app

WALK = line((1.0, -1.0), (2.5, -0.8), from_s=1.0, to_s=4.0)


def call(*words: object):
    return CliRunner().invoke(app, ["camera", *map(str, words), "--store", str(NANOSTORE)])


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> Path:
    return encode(film(eye("camera-1"), [WALK], 4.0), tmp_path_factory.mktemp("v") / "shop.mp4")


def recorded(video: Path, to: Path, *options: object) -> list[bytes]:
    result = call("camera-1", video, "--to", to, "--begin", "2020-01-28T22:24:04", *options)
    assert result.exit_code == 0, result.output
    return [raw.payload for raw in McapRecording(to) if raw.topic.endswith("/frames")]


def test_every_frame_of_a_file_is_recorded_with_its_time(video, tmp_path):
    said = recorded(video, tmp_path / "a.mcap")
    assert len(said) == 40
    assert b'"time_us":1580250244000000' in said[0]
    assert b'"time_us":1580250247900000' in said[-1]
    assert b'"box"' in said[25]


def test_the_same_video_gives_the_same_messages(video, tmp_path):
    first = recorded(video, tmp_path / "a.mcap", "--learn-first")
    assert first == recorded(video, tmp_path / "b.mcap", "--learn-first")


def refused(*words: object) -> str:
    result = call(*words)
    assert result.exit_code == 1
    return " ".join(result.output.split())


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["camera-1", "x.mp4"], "where to? Either --broker host:port, or --to"),
        (["camera-1", "x.mp4", "--to", "a.mcap"], "x.mp4: no such file"),
        (["camera-77", "x.mp4", "--to", "a.mcap"], "has no camera 'camera-77'; it has: camera-1,"),
        (["camera-1", "x.mp4", "--to", "a.mcap", "--score", "0.5"], "--score goes with --model"),
        (["camera-1", "x", "--to", "a.mcap", "--model", "y.onnx"], "y.onnx: no such file"),
        (["camera-1", "rtsp://x", "--to", "a.mcap", "--learn-first"], "a stream has no beginning"),
    ],
)
def test_a_wrong_word_is_answered_with_what_is_wrong(words, why, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert why in refused(*words)


def test_a_video_of_another_shape_than_the_calibration_is_refused(tmp_path):
    square = (
        frame._replace(image=frame.image[:, 140:500]) for frame in film(eye("camera-1"), [], 1)
    )
    said = refused("camera-1", encode(square, tmp_path / "s.mp4"), "--to", tmp_path / "a.mcap")
    assert "images have 360 x 360 pixels, its calibration is for 640 x 360" in said
