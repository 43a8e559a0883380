"""Every kind of recording gives back what it was given."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store_engine.adapters.recordings import McapRecorder, McapRecording
from store_engine.ports import RawArrival

TOPICS = ["stores/tiny/shelves/shelf-1/weights", "stores/tiny/gates/door/scans", "odd/topic"]

arrivals = st.builds(
    RawArrival,
    st.integers(0, 2**53),
    st.sampled_from(TOPICS),
    st.one_of(st.just(b'{"type":"gate_scan"}'), st.binary(max_size=40)),
)


@settings(max_examples=40, deadline=None)
@given(session=st.lists(arrivals, max_size=30))
def test_a_recording_is_read_as_it_was_written_byte_for_byte_in_order(session, tmp_path_factory):
    path = tmp_path_factory.mktemp("recording") / "session.mcap"
    with McapRecorder(path, store="tiny") as recorder:
        for arrival in session:
            recorder.write(arrival)
    recording = McapRecording(path)
    assert list(recording) == session
    assert recording.damage == ""


def test_a_recording_can_be_read_many_times(tmp_path):
    path = tmp_path / "session.mcap"
    with McapRecorder(path, store="tiny") as recorder:
        recorder.write(RawArrival(1, "t", b"{}"))
    recording = McapRecording(path)
    assert list(recording) == list(recording) == [RawArrival(1, "t", b"{}")]


def test_what_was_flushed_can_be_read_while_it_goes_on(tmp_path):
    recorder = McapRecorder(tmp_path / "session.mcap", store="tiny")
    recorder.write(RawArrival(1, "t", b"{}"))
    recorder.flush()
    assert list(McapRecording(recorder.path)) == [RawArrival(1, "t", b"{}")]
    recorder.close()


def test_closing_twice_is_harmless(tmp_path):
    recorder = McapRecorder(tmp_path / "session.mcap", store="tiny")
    recorder.close()
    recorder.close()
    with pytest.raises(Exception, match="closed"):
        recorder.write(RawArrival(1, "t", b"{}"))
