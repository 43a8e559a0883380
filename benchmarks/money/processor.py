"""Processor time of this process, by part: which thread spent it."""

import threading
import time
from collections import Counter

PARTS = {  # by what the names of its threads begin with
    "effects-accounts": "entries",
    "effects-payments": "charges",
    "service": "service",
    "shopper": "measuring",
}


class Meter:
    """Counts from its making on; threads that have ended count as "the rest"."""

    def __init__(self) -> None:
        self._total_s = time.process_time()
        self._before = {thread.ident: _spent_s(thread) for thread in threading.enumerate()}

    def spent_s(self) -> Counter[str]:
        """Return the seconds spent by each part since then, and by "all"."""
        spent: Counter[str] = Counter(all=time.process_time() - self._total_s)
        for thread in threading.enumerate():
            part = next((p for n, p in PARTS.items() if thread.name.startswith(n)), None)
            if part is not None:
                spent[part] += _spent_s(thread) - self._before.get(thread.ident, 0.0)
        spent["the rest"] = 2 * spent["all"] - spent.total()
        return spent


def _spent_s(thread: threading.Thread) -> float:
    return time.clock_gettime(time.pthread_getcpuclockid(thread.ident)) if thread.ident else 0.0
