"""Recorded messages to events, without touching the world.

A recording of a running service holds the answers to its effects (`edge` topics); a recording of
bare hardware does not. `replay` never asks a real back end: where answers are missing, a
`Responder` (a simulated one) may give them, and they enter like any message.
"""

from collections import deque
from collections.abc import Iterable, Iterator

from store_engine.engine import Engine
from store_engine.events import Event
from store_engine.intake import FrontDoor, Refusal
from store_engine.messages import Arrival
from store_engine.ports import Onlooker, RawArrival, Responder
from store_engine.store import Store


class Replay:
    """Runs a recording through an engine.

    After iteration, `refusals` holds every payload that was not let in.
    """

    def __init__(
        self,
        store: Store,
        responder: Responder | None = None,
        onlooker: Onlooker | None = None,
    ) -> None:
        self.engine = Engine(store, onlooker)
        self.refusals: list[Refusal] = []
        self._door = FrontDoor(store)
        self._responder = responder

    def run(self, recording: Iterable[RawArrival]) -> Iterator[Event]:
        """Yield the events of a recording, in order."""
        for raw in recording:
            yield from self.feed(raw)

    def feed(self, raw: RawArrival) -> list[Event]:
        """Return the events that one payload decides."""
        accepted = self._door.accept(raw)
        if isinstance(accepted, Refusal):
            self.refusals.append(accepted)
            return []
        return self._handle_with_answers(accepted)

    def _handle_with_answers(self, arrival: Arrival) -> list[Event]:
        events = self.engine.handle(arrival)
        if not events or self._responder is None:  # as nearly always
            return events
        unanswered = deque(events)
        while unanswered:
            answers = self._responder.answer(unanswered.popleft(), received_us=arrival.received_us)
            for answer in answers:
                decided = self.engine.handle(answer)
                events += decided
                unanswered += decided
        return events


def replay(
    recording: Iterable[RawArrival], store: Store, responder: Responder | None = None
) -> Iterator[Event]:
    """Yield the events that a recording decides in `store`."""
    return Replay(store, responder).run(recording)
