"""Becoming the engine that stopped: its last snapshot, then everything it handled since."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import msgspec

from store_engine.errors import InvariantError, RecordsError
from store_engine.events import Event
from store_engine.intake import Refusal
from store_engine.messages import Arrival
from store_engine.ports import RawArrival, Records


class Decides(Protocol):
    """What the loop needs of an engine."""

    def handle(self, arrival: Arrival) -> list[Event]:
        """Return the events that this arrival decides."""
        ...

    def snapshot(self) -> dict[str, Any]:
        """Return the whole state as plain values."""
        ...

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Become the engine that took `snapshot`."""
        ...


class Door(Protocol):
    """What the loop needs of an intake."""

    def accept(self, raw: RawArrival) -> Arrival | Refusal:
        """Return the validated message, or the reason it was refused."""
        ...


def state_of(engine: Decides, received_us: int) -> bytes:
    """Return what `recover` needs to continue after an arrival received at `received_us`."""
    return msgspec.msgpack.encode({"received_us": received_us, "engine": engine.snapshot()})


def recover(
    engine: Decides, door: Door, records: Records, *, again: Callable[[RawArrival], None]
) -> int:
    """Bring `engine` to where the last commit left it; return when it last received anything.

    The journal is handled again. It must decide what it decided before: those events are kept,
    published and performed already.

    Args:
        engine: a new engine.
        door: a new intake.
        records: what the engine before it kept.
        again: told of every payload that is handled again.

    Raises:
        InvariantError: the engine decides differently now.
        RecordsError: the saved state is not one of this engine's.
    """
    received_us = _restore(engine, records.snapshot())
    decided: list[Event] = []
    for raw in records.journal():
        again(raw)
        received_us = raw.received_us
        accepted = door.accept(raw)
        if isinstance(accepted, Refusal):
            raise InvariantError(f"accepted before the restart, refused now: {accepted.reason}")
        decided += engine.handle(accepted)
    _check_unchanged(decided, records)
    return received_us


def _restore(engine: Decides, saved: bytes | None) -> int:
    if saved is None:
        return 0
    try:
        state: dict[str, Any] = msgspec.msgpack.decode(saved)
        engine.restore(state["engine"])
        return int(state["received_us"])
    except (msgspec.DecodeError, LookupError, TypeError, ValueError) as error:
        raise RecordsError(
            f"the saved state does not fit this version of the engine ({error!r}); "
            "start the version that wrote it"
        ) from error


def _check_unchanged(decided: Iterable[Event], records: Records) -> None:
    decided = list(decided)
    known = records.decided([event.event for event in decided])
    for event in decided:
        if known.get(event.event) != event:
            raise InvariantError(f"event {event.event} came out differently after the restart")
