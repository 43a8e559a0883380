"""The words of the confusion benchmark."""

import msgspec


class Worst(msgspec.Struct, frozen=True, kw_only=True):
    """What one kind of crowd cost at worst, and what became of its receipts; over some seeds."""

    name: str
    seeds: tuple[int, ...]
    trips: int
    confusing: float  # share of what was done that was meant to confuse
    steps: int  # weight steps explained
    handle_ms: float  # longest single `Engine.handle`; processor time, as all of these
    handle_p999_ms: float  # one message in a thousand takes longer
    step_ms: float  # costliest explanation of one weight step, the first with what is known then
    settle_ms: float  # costliest look back in one pass of time: refining, settling, forgetting
    lag_s: float  # how far a live engine would have fallen behind at worst
    cpu_s: float  # per minute of store time
    precision: float  # of what is charged
    recall: float
    extra: int  # units charged to somebody who does not owe them
    asked: int  # trips on which a person was asked to look
    would_ask: int  # ... if there were no limit to how many
    passed_wrong: int  # trips that are wrong though nobody was asked
