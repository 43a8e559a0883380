import errno
import json
import resource
import signal

import jsonschema
import msgspec
import pytest
from mcap.reader import make_reader

from store_engine.adapters.mcap_channels import encoding_of, json_schema
from store_engine.adapters.recording_tools import describe, repair
from store_engine.adapters.recordings import McapRecorder, McapRecording
from store_engine.errors import RecordingError
from store_engine.messages import GateScan, ShelfWeights
from store_engine.ports import RawArrival
from store_engine.topics import TOPICS, heard_topic


def batch(sequence):
    message = ShelfWeights(
        device="shelf-1",
        sequence=sequence,
        time_us=sequence * 200_000,
        rate_hz=60.0,
        samples=tuple(((1000.0 * sequence + row) ** 0.5, None) for row in range(12)),
    )
    topic = heard_topic("tiny", message)
    return RawArrival(message.time_us + 1_000, topic, msgspec.json.encode(message))


@pytest.fixture
def session():
    return [batch(sequence) for sequence in range(4_000)]


@pytest.fixture
def path(tmp_path, session):
    path = tmp_path / "session.mcap"
    with McapRecorder(path, store="tiny", notes={"scenario": "calm"}) as recorder:
        for arrival in session:
            recorder.write(arrival)
    return path


def write_all(recorder, session):
    for arrival in session:
        recorder.write(arrival)


def cut(path, share):
    whole = path.read_bytes()
    cut_off = path.with_name("cut.mcap")
    cut_off.write_bytes(whole[: int(len(whole) * share)])
    return cut_off


@pytest.mark.parametrize("share", [0.0005, 0.3, 0.5, 0.9, 0.9999])
def test_a_truncated_recording_yields_its_beginning_and_says_so(path, session, share):
    recording = McapRecording(cut(path, share))
    read = list(recording)
    assert read == session[: len(read)]
    assert f"after {len(read)} messages" in recording.damage
    assert len(read) >= len(session) * (share - 0.3)


def test_a_flipped_byte_is_noticed_and_what_stands_before_it_is_kept(path, session):
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    path.write_bytes(damaged)
    recording = McapRecording(path)
    read = list(recording)
    assert read == session[: len(read)]
    assert recording.damage


def test_a_truncated_recording_can_be_repaired(path, session, tmp_path):
    damaged, out = cut(path, 0.7), tmp_path / "repaired.mcap"
    kept = repair(damaged, out)
    recording = McapRecording(out)
    assert 0 < kept < len(session)
    assert list(recording) == session[:kept]
    assert recording.damage == ""
    assert recording.metadata == {"store": "tiny", "scenario": "calm"}


def test_a_recording_is_not_repaired_onto_itself(path):
    with pytest.raises(RecordingError, match="another name"):
        repair(path, path)


@pytest.mark.parametrize("content", [b"", b"not a recording"])
def test_other_files_are_refused_by_name(tmp_path, content):
    path = tmp_path / "other.mcap"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=r"other\.mcap: not an MCAP recording"):
        list(McapRecording(path))


def test_a_missing_recording_is_a_clear_error(tmp_path):
    with pytest.raises(RecordingError, match=r"none\.mcap: cannot be read: No such file"):
        list(McapRecording(tmp_path / "none.mcap"))


def test_a_description_counts_topics_devices_and_rates(path, session):
    summary = describe(path)
    (topic,) = summary.topics
    assert (summary.messages, summary.devices) == (len(session), ("shelf-1",))
    assert (topic.encodings, topic.payload_bytes) == (("json",), sum(len(a[2]) for a in session))
    assert topic.rate_hz == pytest.approx(5.0)
    assert summary.duration_s == pytest.approx(3_999 * 0.2)
    assert (summary.metadata["scenario"], summary.damage) == ("calm", "")


def test_an_empty_recording_can_be_described(tmp_path):
    McapRecorder(tmp_path / "empty.mcap", store="tiny").close()
    summary = describe(tmp_path / "empty.mcap")
    assert (summary.messages, summary.duration_s, summary.damage) == (0, 0.0, "")


def test_json_channels_carry_a_schema_that_their_messages_fit(path):
    with path.open("rb") as file:
        schema, channel, message = next(make_reader(file).iter_messages())
    assert (schema.name, schema.encoding, channel.message_encoding) == (
        "ShelfWeights",
        "jsonschema",
        "json",
    )
    jsonschema.validate(json.loads(message.data), json.loads(schema.data))
    assert message.log_time == 1_000_000


def test_every_message_type_has_a_schema_of_type_object():
    for topic in TOPICS:
        schema = json.loads(json_schema(topic.message))
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object"


def test_payloads_are_labelled_as_what_they_are(tmp_path):
    scan = GateScan(device="door", sequence=0, time_us=0, credential="c")
    payloads = [msgspec.json.encode(scan), msgspec.msgpack.encode(scan), b"\xffjunk", b""]
    path = tmp_path / "mixed.mcap"
    with McapRecorder(path, store="tiny") as recorder:
        for payload in payloads:
            recorder.write(RawArrival(0, heard_topic("tiny", scan), payload))
    labels = [encoding for _, encoding, _, _ in McapRecording(path).labelled()]
    assert labels == ["json", "msgpack", "octet-stream", "octet-stream"]
    assert labels == [encoding_of(payload) for payload in payloads]


def test_a_full_disk_is_a_clear_error_and_what_was_written_can_be_read(tmp_path, session):
    recorder = McapRecorder(tmp_path / "full.mcap", store="tiny")
    with file_size_limit(100_000), pytest.raises(RecordingError, match="cannot record after"):
        write_all(recorder, session)
    recorder.close()
    read = list(McapRecording(recorder.path))
    assert 0 < len(read) < recorder.written < len(session)
    assert read == session[: len(read)]


def test_a_disk_without_space_names_the_file(tmp_path, monkeypatch):
    recorder = McapRecorder(tmp_path / "full.mcap", store="tiny")

    def no_space():
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(recorder._writer, "flush", no_space)
    with pytest.raises(RecordingError, match=r"full\.mcap: .* No space left on device"):
        recorder.write(batch(1_000_000))


def test_a_recording_into_a_missing_folder_is_a_clear_error(tmp_path):
    with pytest.raises(RecordingError, match="No such file or directory"):
        McapRecorder(tmp_path / "missing" / "session.mcap", store="tiny")


class file_size_limit:  # noqa: N801 - reads as a statement
    """Within it, files cannot grow beyond `size` bytes: the disk is full."""

    def __init__(self, size):
        self.size = size

    def __enter__(self):
        self.handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        self.before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.size, self.before[1]))

    def __exit__(self, *exc):
        resource.setrlimit(resource.RLIMIT_FSIZE, self.before)
        signal.signal(signal.SIGXFSZ, self.handler)
