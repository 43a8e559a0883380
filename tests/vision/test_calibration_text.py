import dataclasses
import tomllib

import numpy as np
import pytest
from calibration_world import NANOSTORE, eye

from store_engine.errors import ConfigError
from store_engine.store_files.cameras import FILE, read_cameras
from store_engine.vision.calibration_pose import moved
from store_engine.vision.calibration_text import entry_text, with_entry, write_entry

TEXT = (NANOSTORE / FILE).read_text()
NEW = moved(eye(2), np.array([0.1, 0.2, -0.1, 0.3, 0.2, 0.1, 0.05]))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / FILE).write_text(TEXT)
    return tmp_path


def test_an_entry_reads_back_as_the_camera_it_was_written_from(tmp_path):
    (tmp_path / FILE).write_text(entry_text(NEW))
    again = read_cameras(tmp_path)["camera-2"]
    assert np.abs(again.R - NEW.R).max() < 1e-9
    assert again.t == pytest.approx(NEW.t, abs=1e-4)
    assert np.abs(again.K - NEW.K).max() < 1e-3
    assert again.distortion == pytest.approx(NEW.distortion)


def test_writing_changes_one_camera_and_no_comment(folder):
    write_entry(folder, NEW)
    cameras = read_cameras(folder)
    assert cameras["camera-2"].t == pytest.approx(NEW.t, abs=1e-4)
    assert all((cameras[f"camera-{n}"].R == eye(n).R).all() for n in range(3, 13))
    before, after = TEXT.splitlines(), (folder / FILE).read_text().splitlines()
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 5
    assert list(folder.iterdir()) == [folder / FILE]


def test_comments_inside_the_entry_stay():
    text = TEXT.replace('camera = "camera-2"', '# above the freezer ]\ncamera = "camera-2" # old')
    found = with_entry(text, NEW)
    assert "# above the freezer ]" in found
    assert "# old" in found
    assert tomllib.loads(found)["cameras"][1]["t"] == pytest.approx(NEW.t, abs=1e-4)


@pytest.mark.parametrize(
    "text",
    ["", "# nothing yet\n", 'cameras = [{ camera = "camera-2", t = [0, 0, 0] }]\n'],
    ids=["empty", "comment", "inline"],
)
def test_an_entry_that_cannot_be_edited_is_left_alone(text):
    with pytest.raises(ConfigError, match=r'cameras.toml camera "camera-2": .* paste the entry'):
        with_entry(text, NEW)


def test_a_camera_that_is_not_in_the_file_is_not_added(folder):
    with pytest.raises(ConfigError, match='camera "camera-77"'):
        write_entry(folder, dataclasses.replace(NEW, camera="camera-77"))
    assert (folder / FILE).read_text() == TEXT
