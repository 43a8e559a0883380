"""What is in a recording, and making a damaged one whole again."""

from dataclasses import dataclass, field
from pathlib import Path

from store_engine.adapters.recordings import NS_PER_US, McapRecorder, McapRecording
from store_engine.errors import RecordingError
from store_engine.units import seconds_between


@dataclass(kw_only=True)
class TopicSummary:
    """What one topic carries."""

    topic: str
    encodings: tuple[str, ...] = ()
    messages: int = 0
    payload_bytes: int = 0
    first_us: int = 0
    last_us: int = 0

    @property
    def rate_hz(self) -> float:
        """Messages a second between the first and the last one; 0 for a single message."""
        duration_s = seconds_between(self.first_us, self.last_us)
        return (self.messages - 1) / duration_s if duration_s > 0 else 0.0

    @property
    def device(self) -> str:
        """Who speaks here: the fourth part of stores/<store>/<kind>/<device>/<what>."""
        parts = self.topic.split("/")
        return parts[3] if len(parts) == 5 else ""


@dataclass(frozen=True, kw_only=True)
class RecordingSummary:
    """What one recording holds."""

    path: Path
    file_bytes: int
    metadata: dict[str, str]
    damage: str  # "" when whole
    topics: tuple[TopicSummary, ...] = field(default=())  # by name

    @property
    def messages(self) -> int:
        """All messages of the recording."""
        return sum(topic.messages for topic in self.topics)

    @property
    def devices(self) -> tuple[str, ...]:
        """Everyone who speaks in it, by name."""
        return tuple(sorted({topic.device for topic in self.topics} - {""}))

    @property
    def started_us(self) -> int:
        """Arrival of the first message, 0 when there is none."""
        return min((topic.first_us for topic in self.topics), default=0)

    @property
    def duration_s(self) -> float:
        """Seconds from the first arrival to the last."""
        ended_us = max((topic.last_us for topic in self.topics), default=0)
        return seconds_between(self.started_us, ended_us)


def describe(path: Path) -> RecordingSummary:
    """Return what `path` holds, reading it once from start to end."""
    recording = McapRecording(path)
    topics: dict[str, TopicSummary] = {}
    for name, encoding, time_ns, payload in recording.labelled():
        time_us = time_ns // NS_PER_US
        if name not in topics:
            topics[name] = TopicSummary(topic=name, first_us=time_us, last_us=time_us)
        _count(topics[name], encoding, time_us, len(payload))
    return RecordingSummary(
        path=path,
        file_bytes=path.stat().st_size,
        metadata=recording.metadata,
        damage=recording.damage,
        topics=tuple(topics[name] for name in sorted(topics)),
    )


def _count(topic: TopicSummary, encoding: str, time_us: int, payload_bytes: int) -> None:
    topic.messages += 1
    topic.payload_bytes += payload_bytes
    topic.first_us = min(topic.first_us, time_us)
    topic.last_us = max(topic.last_us, time_us)
    if encoding not in topic.encodings:
        topic.encodings = (*topic.encodings, encoding)


def repair(path: Path, out: Path) -> int:
    """Write what can be read of `path` as a whole recording to `out`; return how many messages."""
    if out.resolve() == path.resolve():
        raise RecordingError(f"{path}: a repaired recording needs another name than the original")
    recording = McapRecording(path)
    arrivals = iter(recording)
    first = next(arrivals, None)  # metadata stands before the first message
    notes = dict(recording.metadata)
    with McapRecorder(out, store=notes.pop("store", ""), notes=notes) as recorder:
        if first is not None:
            recorder.write(first)
        for arrival in arrivals:
            recorder.write(arrival)
    return recorder.written
