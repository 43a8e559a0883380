"""Calibrating as a person types it."""

import re
import shutil

import msgspec
import numpy as np
import pytest
from calibration_world import NANOSTORE, as_csv, clicked, eye
from test_calibration_people import session
from typer.testing import CliRunner

from store_engine.adapters.recordings import McapRecorder
from store_engine.cli import app
from store_engine.ports import RawArrival
from store_engine.store_files.cameras import read_cameras
from store_engine.topics import heard_topic
from store_engine.vision.calibration_pose import moved, step_between
from store_engine.vision.calibration_text import write_entry

KNOCK = np.array([0.1, -0.15, 0.05, 0.3, -0.2, 0.1, 0.1])


def call(*words):
    return CliRunner().invoke(app, ["calibrate", *(str(word) for word in words)])


@pytest.fixture
def store(tmp_path):
    """A store whose camera 1 has been knocked since it was calibrated."""
    folder = shutil.copytree(NANOSTORE, tmp_path / "store")
    write_entry(folder, moved(eye(1), KNOCK))
    return folder


@pytest.fixture
def marks(tmp_path):
    path = tmp_path / "marks.csv"
    path.write_text(as_csv(eye(1), clicked(eye(1), 14)))
    return path


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "walk.mcap"
    with McapRecorder(path, store="nanostore") as recorder:
        for frame in session([1, 2, 9, 10, 11], seconds=12):
            topic = heard_topic("nanostore", frame)
            recorder.write(RawArrival(frame.time_us, topic, msgspec.json.encode(frame)))
    return path


def test_a_knocked_camera_is_found_refined_and_found_to_fit(store, marks):
    before = call("check", marks, "--store", store)
    assert before.exit_code == 3, before.output
    written = call("refine", "camera-1", marks, "--store", store, "--write")
    assert written.exit_code == 0, written.output
    assert np.abs(step_between(read_cameras(store)["camera-1"], eye(1))[3:6]).max() < 0.1
    assert call("check", marks, "--store", store).exit_code == 0


def test_without_write_the_entry_is_printed_and_the_file_left(store, marks):
    text = (store / "cameras.toml").read_text()
    result = call("refine", "camera-1", marks, "--store", store)
    assert 'camera = "camera-1"' in result.stdout
    assert "left out" in result.stderr
    assert (store / "cameras.toml").read_text() == text


def test_landmarks_that_contradict_each_other_are_never_written(store, marks):
    text = (store / "cameras.toml").read_text()
    header, _, *rows = marks.read_text().splitlines()
    points = [row.split(",")[3] for row in rows]
    swapped = [
        f"{row.rpartition(',')[0]},{point}" for row, point in zip(rows, points[::-1], strict=True)
    ]
    marks.write_text("\n".join([header, *swapped]))
    result = call("refine", "camera-1", marks, "--store", store, "--write")
    assert result.exit_code in (1, 3)
    assert (store / "cameras.toml").read_text() == text


def test_people_tell_which_camera_was_knocked(store, recording):
    result = call("check", "--recording", recording, "--store", store)
    assert result.exit_code == 3
    off = re.search(r"camera-(\d+) +│ +\d+ │ +\d+% │ +[\d.]+ cm │ +no", result.output)
    assert off is not None, result.output
    assert off[1] == "1"
    assert call("check", "--recording", recording, "--store", NANOSTORE).exit_code == 0


def test_the_store_is_drawn_into_a_frame_with_the_landmarks(store, marks, tmp_path):
    cv2 = pytest.importorskip("cv2", reason="OpenCV (extra `vision`) is not installed")
    frame, picture = tmp_path / "frame.png", tmp_path / "out" / "picture.png"
    cv2.imwrite(str(frame), np.full((360, 640, 3), 90, np.uint8))
    result = call(
        "refine", "camera-1", marks, "--store", store, "--frame", frame, "--picture", picture
    )
    assert result.exit_code == 0, result.output
    drawn = cv2.imread(str(picture))
    assert drawn.shape == (720, 1280, 3)
    assert (drawn == 90).all(axis=2).mean() > 0.5
    assert (drawn == (60, 60, 250)).all(axis=2).sum() > 100


def test_a_page_to_click_on_names_every_corner(tmp_path):
    cv2 = pytest.importorskip("cv2", reason="OpenCV (extra `vision`) is not installed")
    frame, page = tmp_path / "frame.png", tmp_path / "click.html"
    cv2.imwrite(str(frame), np.zeros((720, 1280, 3), np.uint8))
    result = call("click", "camera-1", frame, page, "--store", NANOSTORE)
    assert result.exit_code == 0, result.output
    assert '<option value="5-6 back right">' in page.read_text()
    assert "data:image/png;base64," in page.read_text()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["refine", "camera-2"], "no landmark of camera 'camera-2'"),
        (["refine", "camera-77"], "has no camera 'camera-77'"),
        (["check", "--recording", "nothing.mcap"], "Either a landmarks file, or --recording"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(marks, words, says):
    result = call(*words, marks, "--store", NANOSTORE)
    assert result.exit_code == 1
    assert says in result.output


def test_a_frame_of_another_shape_is_refused(tmp_path):
    cv2 = pytest.importorskip("cv2", reason="OpenCV (extra `vision`) is not installed")
    cv2.imwrite(str(tmp_path / "square.png"), np.zeros((100, 100, 3), np.uint8))
    words = ["draw", "camera-1", tmp_path / "p.png", "--frame", tmp_path / "square.png"]
    result = call(*words, "--store", NANOSTORE)
    assert result.exit_code == 1
    assert "other proportions" in result.output
