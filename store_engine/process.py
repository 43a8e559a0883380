"""How the process that runs an engine is set up."""

import gc

# The engine makes few reference cycles and many short-lived messages. With the default of 2,000
# new objects a collection, collecting took a fifth to a third of a replay's time (measured).
COLLECT_EVERY = 50_000


def collect_rarely() -> None:
    """Let the cyclic garbage collector look rarely, and never again at what is loaded now."""
    gc.freeze()
    gc.set_threshold(COLLECT_EVERY, 20, 100)
