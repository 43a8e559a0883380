"""Recorded sessions as MCAP files: written as they are heard, read in exactly that order.

Payloads are kept byte for byte, refused ones too. The file opens in Foxglove: JSON channels carry
their JSON Schema. `log_time` is the time of arrival, in nanoseconds as MCAP wants it.
"""

import contextlib
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import mcap.writer
from mcap.exceptions import McapError
from mcap.records import Channel, Chunk, Footer, McapRecord, Message, Metadata
from mcap.stream_reader import CRCValidationError, StreamReader, get_chunk_data_stream
from zstandard import ZstdError

from store_engine.adapters.mcap_channels import encoding_of, json_schema, message_type_on
from store_engine.errors import RecordingError
from store_engine.ports import RawArrival

CHUNK_BYTES = 256 * 1024  # a kill loses at most one chunk (measured trade-off with compression)
FLUSH_EVERY_US = 2_000_000  # ... and at most this much session time (guess)
RECORD_BYTES_MAX = 64 * 1024 * 1024  # longer can only be damage: our chunks have 256 KB (guess)
NS_PER_US = 1_000
METADATA_NAME = "store-engine"

# Records inside a chunk: opcode and length; of a message then channel, sequence, log and publish
# time (mcap.dev/spec, "Message"). Parsed here because the library's record objects cost 10 us each.
_RECORD_HEAD = struct.Struct("<BQ")
_MESSAGE_HEAD = struct.Struct("<BQHIQQ")
_OP_CHANNEL, _OP_MESSAGE = 0x04, 0x05

# What a reader of a cut or damaged file runs into.
_DAMAGE = (McapError, CRCValidationError, ZstdError, struct.error, ValueError, MemoryError)


class McapRecorder:
    """Writes a session (port `RecordingSink`)."""

    def __init__(self, path: Path, *, store: str, notes: Mapping[str, str] | None = None) -> None:
        self.path = path
        self.written = 0
        self._channels: dict[tuple[str, str], int] = {}
        self._schemas: dict[type, int] = {}
        self._flushed_us = 0
        self._closed = False
        with self._saying_what_failed():
            self._file: BinaryIO = path.open("wb")
            self._writer: Any = mcap.writer.Writer(self._file, chunk_size=CHUNK_BYTES)
            self._writer.start(profile="", library="store-engine")
            self._writer.add_metadata(METADATA_NAME, {"store": store, **(notes or {})})

    def write(self, arrival: RawArrival) -> None:
        """Append one payload. Raises `RecordingError` when the disk is full."""
        if self._closed:
            raise RecordingError(f"{self.path}: the recording is closed")
        with self._saying_what_failed():
            self._append(arrival)
            if arrival.received_us - self._flushed_us >= FLUSH_EVERY_US:
                self._writer.flush()
                self._flushed_us = arrival.received_us

    def flush(self) -> None:
        """Hand everything written so far to the operating system."""
        if not self._closed:
            with self._saying_what_failed():
                self._writer.flush()

    def close(self) -> None:
        """Finish the file; doing it twice is harmless."""
        if self._closed:
            return
        with self._saying_what_failed():
            self._writer.finish()
            self._file.close()
            self._closed = True

    def __enter__(self) -> "McapRecorder":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _append(self, arrival: RawArrival) -> None:
        time_ns = arrival.received_us * NS_PER_US
        self._writer.add_message(
            channel_id=self._channel(arrival.topic, encoding_of(arrival.payload)),
            log_time=time_ns,
            publish_time=time_ns,
            sequence=self.written & 0xFFFF_FFFF,
            data=arrival.payload,
        )
        self.written += 1

    def _channel(self, topic: str, encoding: str) -> int:
        key = (topic, encoding)
        if key not in self._channels:
            schema = self._schema(topic) if encoding == "json" else 0  # 0: no schema
            self._channels[key] = self._writer.register_channel(topic, encoding, schema)
        return self._channels[key]

    def _schema(self, topic: str) -> int:
        message = message_type_on(topic)
        if message is None:
            return 0
        if message not in self._schemas:
            self._schemas[message] = self._writer.register_schema(
                message.__name__, "jsonschema", json_schema(message)
            )
        return self._schemas[message]

    @contextlib.contextmanager
    def _saying_what_failed(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._give_up()
            why = error.strerror or str(error)
            raise RecordingError(
                f"{self.path}: cannot record after {self.written} messages: {why}"
            ) from error

    def _give_up(self) -> None:
        """Leave what reached the disk as it is: a truncated recording, which can be read."""
        self._closed = True
        if hasattr(self, "_file"):
            with contextlib.suppress(OSError):
                self._file.close()


class McapRecording:
    """Reads a session in the order it was recorded (port `RecordingSource`).

    A truncated or damaged file yields every message up to the damage; `damage` then says what is
    wrong (it is "" for a whole file, and known only after an iteration).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damage = ""
        self.metadata: dict[str, str] = {}

    def __iter__(self) -> Iterator[RawArrival]:
        for topic, _, time_ns, payload in self.labelled():
            yield RawArrival(time_ns // NS_PER_US, topic, payload)

    def labelled(self) -> Iterator[tuple[str, str, int, bytes]]:
        """Yield (topic, encoding, log time in nanoseconds, payload) of each message."""
        self.damage = ""
        count = 0
        with self._open() as file:
            try:
                for message in self._messages(file):
                    yield message
                    count += 1
            except _DAMAGE as error:
                self.damage = (
                    f"{self.path}: cut off or damaged at byte {file.tell()}, after {count} "
                    f"messages ({str(error) or type(error).__name__})"
                )

    def _open(self) -> BinaryIO:
        try:
            file = self.path.open("rb")
        except OSError as error:
            raise RecordingError(f"{self.path}: cannot be read: {error.strerror}") from error
        magic = file.read(8)
        if magic != mcap.writer.MCAP0_MAGIC:
            file.close()
            raise RecordingError(f"{self.path}: not an MCAP recording")
        file.seek(0)
        return file

    def _messages(self, file: BinaryIO) -> Iterator[tuple[str, str, int, bytes]]:
        channels: dict[int, tuple[str, str]] = {}
        for record in _whole_records(file):
            if isinstance(record, Chunk):
                yield from _messages_in(record, channels)
            elif isinstance(record, Channel):
                channels[record.id] = (record.topic, record.message_encoding)
            elif isinstance(record, Message):  # a file without chunks, written by another tool
                yield *channels[record.channel_id], record.log_time, record.data
            elif isinstance(record, Metadata) and record.name == METADATA_NAME:
                self.metadata = dict(record.metadata)


def _whole_records(file: BinaryIO) -> Iterator[McapRecord]:
    """Yield records up to the footer, which only a finished file has."""
    record: McapRecord | None = None
    for record in StreamReader(file, emit_chunks=True, record_size_limit=RECORD_BYTES_MAX).records:
        yield record
    if not isinstance(record, Footer):
        raise McapError("no footer")


def _messages_in(
    chunk: Chunk, channels: dict[int, tuple[str, str]]
) -> Iterator[tuple[str, str, int, bytes]]:
    stream, length = get_chunk_data_stream(chunk, validate_crc=True)
    data = stream.read(length)
    at = 0
    head, message_head = _RECORD_HEAD.size, _MESSAGE_HEAD.size
    while at < length:
        begin, opcode = at, data[at]
        if opcode == _OP_MESSAGE:
            _, size, channel, _, log_ns, _ = _MESSAGE_HEAD.unpack_from(data, begin)
            at += head + size
            topic, encoding = channels[channel]
            yield topic, encoding, log_ns, data[begin + message_head : at]
        else:
            _, size = _RECORD_HEAD.unpack_from(data, begin)
            at += head + size
            if opcode == _OP_CHANNEL:
                number, topic, encoding = _channel_in(data[begin + head : at])
                channels[number] = (topic, encoding)


def _channel_in(body: bytes) -> tuple[int, str, str]:
    """Parse a channel record: id, schema id, topic, message encoding (mcap.dev/spec, "Channel")."""
    number, _, topic_bytes = struct.unpack_from("<HHI", body)
    topic_end = 8 + topic_bytes
    (encoding_bytes,) = struct.unpack_from("<I", body, topic_end)
    encoding = body[topic_end + 4 : topic_end + 4 + encoding_bytes]
    return number, body[8:topic_end].decode(), encoding.decode()
