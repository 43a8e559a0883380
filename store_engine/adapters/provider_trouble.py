"""What can be wrong with a payment provider: the switches of the simulated one."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from store_engine.adapters.bank_ledger import Kind
from store_engine.errors import UnreachableError


@dataclass(kw_only=True)
class Trouble:
    """Everything that is wrong right now; the counters run down call by call.

    Shares are of all calls, drawn with `seed`: the same calls in the same order meet the same
    trouble.
    """

    unreachable: bool = False  # no call gets through
    unreachable_before: int = 0  # this many calls never reach the provider
    unreachable_after: int = 0  # this many calls are carried out, their answer lost
    lost_before: float = 0.0  # share of the calls that never reach the provider, 0 to 1
    lost_after: float = 0.0  # share of the answers that are lost, 0 to 1
    slow_s: float = 0.0  # every call takes this long
    stutters: int = 0  # this many calls reach the provider twice
    declines: dict[Kind, str] = field(default_factory=dict)  # kinds declined, and the reason
    refusals: dict[Kind, str] = field(default_factory=dict)  # kinds refused, and the reason
    notices_twice: bool = False  # every notice is delivered twice
    seed: int = 0
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def __post_init__(self) -> None:
        self._drawing = random.Random(self.seed)  # noqa: S311 - a simulation, not a secret
        self._lock = threading.Lock()

    def reach(self) -> None:
        """Bring a call to the provider. Raises `UnreachableError` when it gets lost."""
        if self.slow_s > 0:
            self.sleep(self.slow_s)
        if self.unreachable or self._strikes("unreachable_before") or self._drawn("lost_before"):
            raise UnreachableError("the payment provider cannot be reached")

    def come_back(self) -> None:
        """Bring an answer home. Raises `UnreachableError` when it gets lost."""
        if self._strikes("unreachable_after") or self._drawn("lost_after"):
            raise UnreachableError("the payment provider did not answer in time")

    def deliveries(self) -> int:
        """How often the call in hand reaches the provider."""
        return 2 if self._strikes("stutters") else 1

    def _strikes(self, counter: str) -> bool:
        with self._lock:
            left: int = getattr(self, counter)
            if left > 0:
                setattr(self, counter, left - 1)
        return left > 0

    def _drawn(self, share: str) -> bool:
        likely: float = getattr(self, share)
        with self._lock:
            return likely > 0 and self._drawing.random() < likely
