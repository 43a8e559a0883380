"""The plots of an explanation in a terminal: one line each plate and person."""

import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from rich.text import Text

from store_engine.explanations import Cluster
from store_engine.store_map import FloatArray
from store_engine.traces import NEARBY_M, PersonTrace, PlateTrace, Span, Trace
from store_engine.units import US_PER_S

COLUMNS = 44  # characters of time; leaves room for a label and a value in 80
LABEL = 18
BLOCKS = "▁▂▃▄▅▆▇█"


def sparklines(cluster: Cluster, trace: Trace, names: Sequence[str]) -> Iterator[Text]:
    """Yield lines over one time axis: the plates' weight, then the people's distance.

    Args:
        cluster: whose moment is marked.
        trace: what was recorded around it.
        names: of the trace's people, in their order.
    """
    for plate in trace.plates:
        yield _plate_line(plate, cluster, trace.span)
    for person, name in zip(trace.people, names, strict=True):
        yield _person_line(person, name, trace.span)
    at = _column(cluster.moment_us, trace.span)
    seconds = (trace.span.until_us - trace.span.since_us) / US_PER_S
    axis = " " * at + "^" + " " * (COLUMNS - at - 1)
    yield Text(f"  {'':{LABEL}} {axis} {seconds:.1f} s shown", style="dim")


def _plate_line(plate: PlateTrace, cluster: Cluster, span: Span) -> Text:
    steps = [step for step in cluster.steps if step.plate == plate.plate]
    before, after = plate.before_g(steps[0]), plate.after_g(steps[-1])
    low, high = min(before, after), max(before, after)
    drawn = _blocks(_binned(plate.times_us, plate.grams, span), low, high)
    change_g = sum(step.change_g for step in steps)
    return Text(f"  {_short('plate ' + plate.plate)} {drawn} {change_g:+.1f} g")


def _person_line(person: PersonTrace, name: str, span: Span) -> Text:
    hands = _binned(person.times_us, person.hand_m, span)
    bodies = _binned(person.times_us, person.body_m, span)
    line = Text(f"  {_short(name)} ")
    for hand, body in zip(hands, bodies, strict=True):
        unseen = math.isnan(hand)
        mark = _blocks([body if unseen else hand], 0.0, NEARBY_M)
        line.append(mark, style="dim" if unseen else "cyan")
    by = "body" if bool(np.isnan(person.hand_m).all()) else "hand"
    return line.append(f" {by} {person.nearest_m:.2f} m")


def _short(label: str) -> str:
    return f"{label if len(label) <= LABEL else label[: LABEL - 1] + '…':{LABEL}}"


def _column(time_us: float, span: Span) -> int:
    share = (time_us - span.since_us) / (span.until_us - span.since_us)
    return min(COLUMNS - 1, max(0, int(share * COLUMNS)))


def _binned(times_us: FloatArray, values: FloatArray, span: Span) -> list[float]:
    """Return the mean of each column of time, NaN where nothing was seen."""
    columns: list[list[float]] = [[] for _ in range(COLUMNS)]
    for time_us, value in zip(times_us.tolist(), values.tolist(), strict=True):
        if not math.isnan(value):
            columns[_column(time_us, span)].append(value)
    return [sum(column) / len(column) if column else math.nan for column in columns]


def _blocks(values: Iterable[float], low: float, high: float) -> str:
    """Return a block for each value, its height between `low` and `high`; a space for NaN."""
    height = max(high - low, 1e-9)
    return "".join(
        " " if math.isnan(share) else BLOCKS[round(min(1.0, max(0.0, share)) * (len(BLOCKS) - 1))]
        for share in ((value - low) / height for value in values)
    )
