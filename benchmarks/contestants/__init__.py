"""What our engine is compared with: every contestant takes arrivals and keeps baskets."""

from collections import Counter
from collections.abc import Mapping
from typing import Protocol

from store_engine.messages import Arrival


class Contestant(Protocol):
    """Anything that hears what the engine hears and says who holds what."""

    @property
    def baskets(self) -> Mapping[str, Counter[str]]:
        """Account -> GTIN -> quantity, as decided so far."""
        ...

    def handle(self, arrival: Arrival) -> list[object]:
        """Take one arrival; return the events that want an answer (may this one come in?)."""
        ...
