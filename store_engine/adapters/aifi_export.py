"""The files of the AutoCheckout competition's export, as typed values.

One JSON document a line. Numbers that are zero are left out by its writer (protobuf), so every
coordinate defaults to 0. Format: CPS-IoT Week 2020 AutoCheckout competition, AiFi NanoStore.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from store_engine.errors import RecordingError
from store_engine.messages import Name, Probability

PLATE_DATA = "plate_data.json"
TARGETS = "full_targets.json"
METRES_PER_INCH = 0.0254
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ENTERED = "TARGETSTATE_VALID_ENTRANCE"

Line = TypeVar("Line")


class PlateBatch(NamedTuple):
    """A batch of one gondola's load cells. Times in microseconds since the epoch."""

    line: int
    gondola: str
    origin_us: int  # `t_origin`
    issued_us: int  # `t_issue`
    rate_hz: float
    grams: NDArray[np.float32]  # (samples, shelves + 1, plates + 1); index 0 unused, NaN: no cell


class ExportedJoint(NamedTuple):
    """A body joint, metres in the store frame."""

    at: tuple[float, float, float]
    score: float


class ExportedTarget(NamedTuple):
    """One person; joints that were lost are None."""

    target: str
    entered: bool  # the tracker vouches that this person came in by the entrance
    head: ExportedJoint | None
    neck: ExportedJoint | None
    left_wrist: ExportedJoint | None
    right_wrist: ExportedJoint | None


class TargetsFrame(NamedTuple):
    """Everyone at one instant, microseconds since the epoch."""

    time_us: int
    targets: tuple[ExportedTarget, ...]


# ---- the documents as they are written -------------------------------------------------------


class _Id(msgspec.Struct):
    id: int


class _GondolaId(msgspec.Struct):
    gondola_id: _Id


class _PlateId(msgspec.Struct):
    shelf_id: _GondolaId


class _Header(msgspec.Struct):
    t_origin: Annotated[datetime, msgspec.Meta(tz=True)]
    t_issue: Annotated[datetime, msgspec.Meta(tz=True)]


class _Values(msgspec.Struct):
    data: bytes  # base64, little-endian
    shape: tuple[
        Annotated[int, msgspec.Meta(ge=1)],
        Annotated[int, msgspec.Meta(ge=1)],
        Annotated[int, msgspec.Meta(ge=1)],
    ]
    type: Literal["DATATYPE_FLOAT32"]


class _PlateData(msgspec.Struct):
    plate_id: _PlateId
    freq_samp: Annotated[float, msgspec.Meta(gt=0.0)]
    values: _Values


class _PlateDocument(msgspec.Struct):
    header: _Header
    plate_data: _PlateData


class _PlateLine(msgspec.Struct):
    document: _PlateDocument


class _Point(msgspec.Struct):
    x: float = 0.0
    y: float = 0.0
    z: float = 0.0


class _Joint(msgspec.Struct):
    point: _Point | None = None
    score: Probability = 0.0


class _TargetId(msgspec.Struct):
    id: Name


class _Target(msgspec.Struct):
    target_id: _TargetId
    target_state: str = ""
    head: _Joint | None = None
    neck: _Joint | None = None
    l_wrist: _Joint | None = None
    r_wrist: _Joint | None = None


class _Targets(msgspec.Struct):
    targets: tuple[_Target, ...] = ()


class _TargetsDocument(msgspec.Struct):
    header: _Header
    targets: _Targets


class _TargetsLine(msgspec.Struct):
    document: _TargetsDocument


# ---- reading ---------------------------------------------------------------------------------


def read_plate_batches(folder: Path) -> list[PlateBatch]:
    """Return the weight batches, in order of issue. Raises `RecordingError`."""
    batches = [
        _batch(number, line.document) for number, line in _lines(folder / PLATE_DATA, _PlateLine)
    ]
    return sorted(batches, key=lambda batch: batch.issued_us)


def read_target_frames(folder: Path) -> list[TargetsFrame]:
    """Return the frames of people, in order of capture. Raises `RecordingError`."""
    frames = [
        TargetsFrame(
            _us(line.document.header.t_issue), tuple(map(_target, line.document.targets.targets))
        )
        for _, line in _lines(folder / TARGETS, _TargetsLine)
    ]
    return sorted(frames, key=lambda frame: frame.time_us)


def _lines(path: Path, kind: type[Line]) -> Iterator[tuple[int, Line]]:
    decoder = msgspec.json.Decoder(kind)
    try:
        text = path.read_bytes()
    except OSError as error:
        raise RecordingError(f"{path}: {error.strerror}") from error
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield number, decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise RecordingError(f"{path.name} line {number}: {error}") from error


def _batch(number: int, document: _PlateDocument) -> PlateBatch:
    values = document.plate_data.values
    expected = int(np.prod(values.shape)) * np.dtype("<f4").itemsize
    if len(values.data) != expected:
        raise RecordingError(
            f"{PLATE_DATA} line {number}: shape {list(values.shape)} needs {expected} bytes,"
            f" {len(values.data)} found"
        )
    return PlateBatch(
        line=number,
        gondola=str(document.plate_data.plate_id.shelf_id.gondola_id.id),
        origin_us=_us(document.header.t_origin),
        issued_us=_us(document.header.t_issue),
        rate_hz=document.plate_data.freq_samp,
        grams=np.frombuffer(values.data, dtype="<f4").reshape(values.shape),
    )


def _target(target: _Target) -> ExportedTarget:
    return ExportedTarget(
        target=target.target_id.id,
        entered=target.target_state == ENTERED,
        head=_joint(target.head),
        neck=_joint(target.neck),
        left_wrist=_joint(target.l_wrist),
        right_wrist=_joint(target.r_wrist),
    )


def _joint(joint: _Joint | None) -> ExportedJoint | None:
    if joint is None or joint.point is None or joint.score == 0.0:
        return None  # a lost joint is written as an empty point without a score
    x, y, z = joint.point.x, joint.point.y, joint.point.z
    # A tenth of a millimetre is far below what any tracker resolves.
    return ExportedJoint(
        at=(_metres(x), _metres(y), _metres(z)),
        score=round(joint.score, 4),
    )


def _metres(inches: float) -> float:
    return round(inches * METRES_PER_INCH, 4)


def _us(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)
