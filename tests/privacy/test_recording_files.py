import os

import pytest

from store_engine.adapters.recording_files import FILE_S, DailyRecorder, RecordingFiles
from store_engine.adapters.recordings import McapRecorder, McapRecording
from store_engine.app import unused_name
from store_engine.errors import RecordingError
from store_engine.ports import RawArrival
from store_engine.units import to_us

DAY_US = to_us(FILE_S)


def write(path, *, day):
    path.write_bytes(b"x")
    os.utime(path, (day * FILE_S, day * FILE_S))


def arrival(time_us):
    return RawArrival(time_us, "stores/tiny/gates/door/scans", b"{}")


def test_old_recordings_go_and_new_ones_stay(tmp_path):
    for name, day in (("s.mcap", 1), ("s-2.mcap", 2), ("s-3.mcap", 3)):
        write(tmp_path / name, day=day)
    files = RecordingFiles(tmp_path / "s.mcap")
    assert files.delete(before_us=3 * DAY_US) == ["s-2.mcap", "s.mcap"]
    assert files.delete(before_us=3 * DAY_US) == []
    assert [path.name for path in tmp_path.iterdir()] == ["s-3.mcap"]


@pytest.mark.parametrize("name", ["notes.txt", "s-final.mcap", "s-2.txt", "t.mcap", "s2.mcap"])
def test_what_the_engine_did_not_record_stays(tmp_path, name):
    write(tmp_path / name, day=1)
    assert RecordingFiles(tmp_path / "s.mcap").delete(before_us=9 * DAY_US) == []


def test_a_name_with_signs_of_a_pattern_is_a_name(tmp_path):
    for name in ("a[b]*-2.mcap", "ab-2.mcap"):
        write(tmp_path / name, day=1)
    assert RecordingFiles(tmp_path / "a[b]*.mcap").delete(before_us=9 * DAY_US) == ["a[b]*-2.mcap"]


@pytest.mark.parametrize("path", [None, "nowhere/s.mcap"])
def test_without_recordings_there_is_nothing_to_delete(tmp_path, path):
    files = RecordingFiles(None if path is None else tmp_path / path)
    assert files.delete(before_us=9 * DAY_US) == []


def test_a_recording_goes_on_in_a_new_file_every_day(tmp_path):
    path = tmp_path / "s.mcap"
    recorder = DailyRecorder(lambda: McapRecorder(unused_name(path), store="tiny"))
    times = [5, DAY_US, DAY_US + 5, DAY_US + 6, 2 * DAY_US + 5]
    for time_us in times:
        recorder.write(arrival(time_us))
    recorder.flush()
    recorder.close()
    files = [path, tmp_path / "s-2.mcap", tmp_path / "s-3.mcap"]
    recorded = [[raw.received_us for raw in McapRecording(file)] for file in files]
    assert recorded == [times[:2], times[2:4], times[4:]]


def test_a_disk_that_is_full_is_said_on_the_first_write_of_the_new_day(tmp_path):
    opened = []

    def open_next():
        if opened:
            raise RecordingError("disk full")
        opened.append(McapRecorder(tmp_path / "s.mcap", store="tiny"))
        return opened[0]

    recorder = DailyRecorder(open_next)
    recorder.write(arrival(0))
    with pytest.raises(RecordingError, match="disk full"):
        recorder.write(arrival(DAY_US))
    recorder.close()
