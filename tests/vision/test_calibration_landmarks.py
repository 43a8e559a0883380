import pytest
from calibration_world import as_csv, clicked, eye, nanostore

from store_engine.errors import ConfigError
from store_engine.vision.calibration_landmarks import landmarks_of, named_points, read_landmarks

HEADER = "camera,x_px,y_px,point\n"


def read(tmp_path, text):
    path = tmp_path / "marks.csv"
    path.write_text(text)
    return read_landmarks(path, nanostore())


def test_a_landmarks_file_comes_back_as_it_was_written(tmp_path):
    found = clicked(eye(1), 6)
    again = read(tmp_path, as_csv(eye(1), found))["camera-1"]
    assert [mark.at for mark in again] == [mark.at for mark in found]
    assert again[0].pixel == pytest.approx(found[0].pixel, abs=0.01)


def test_corners_are_named_as_the_shopper_sees_them():
    points = named_points(nanostore())
    assert points["1-1 front left"] == pytest.approx((0.0254, 0.4921 - 0.4064, 0.3302))
    assert points["1-1 back right"] == pytest.approx((0.0254 + 1.2192, 0.4921, 0.3302))
    assert points["1-1 plate 1 front right"] == points["1-1 plate 2 front left"]
    assert points["floor corner 1"] == (-1.6, -2.6, 0.0)
    assert points["gate door-1 end 2"] == (-0.3, -0.8, 0.0)
    assert points["gondola 1 back left"] == pytest.approx((0.0254, 0.4921 + 0.0318, 0.0))


def test_places_may_be_given_in_metres(tmp_path):
    found = read(tmp_path, HEADER + "camera-1,1,2,floor 1.2 -0.5\ncamera-1,3,4,1.2 -0.5 0.9\n")
    assert [mark.at for mark in found["camera-1"]] == [(1.2, -0.5, 0.0), (1.2, -0.5, 0.9)]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("camera-1,1,2,1-5 frnt left", "line 2.*did you mean: .*1-5 front left"),
        ("camera-1,1,2,floor 1.2", 'line 2.*"floor 1.2" is neither'),
        ("camera-1,1,2,1 2 nan", "line 2.*neither"),
        ("camera-1,700,2,floor 1 1", "line 2.*outside the image of camera-1, 640 x 360"),
        ("camera-1,1,2,floor 120 -50", "line 2.*at most 20 m are allowed: coordinates are metres"),
        ("camera-99,1,2,floor 1 1", 'line 2.*camera "camera-99" is not in cameras.toml'),
        ("camera-1,one,2,floor 1 1", "line 2: x_px"),
        ("camera-1,1,2,floor 1 1\ncamera-1,5,5,floor 1 1", "line 3.*already listed above"),
    ],
)
def test_a_mistake_names_file_line_and_limit(tmp_path, row, says):
    with pytest.raises(ConfigError, match="(?s)marks.csv " + says):
        read(tmp_path, HEADER + row + "\n")


def test_every_mistake_is_told_at_once(tmp_path):
    with pytest.raises(ConfigError, match=r"(?s)line 2.*line 3"):
        read(tmp_path, HEADER + "camera-1,1,2,nowhere\ncamera-9,999,2,floor 1 1\n")


def test_a_camera_without_landmarks_is_named(tmp_path):
    found = read(tmp_path, HEADER + "camera-1,1,2,floor 1 1\n")
    with pytest.raises(ConfigError, match=r"m.csv: no landmark of camera 'camera-2'.*camera-1"):
        landmarks_of("camera-2", found, file="m.csv")
