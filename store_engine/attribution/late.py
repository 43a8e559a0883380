"""Steps that came after the carts they belong to were settled: told, never charged."""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from store_engine.attribution import beliefs
from store_engine.attribution.book import Book
from store_engine.attribution.clusters import Cluster
from store_engine.units import PlateId, VisitId

LATE_KEPT = 64  # late steps kept, the latest
LATE_FROM = 0.5  # a step is late for a visit that probably caused it


class LateStep(NamedTuple):
    """A step that a visit probably caused but that settled after its cart did."""

    visit: VisitId
    plate: PlateId
    moment_us: int
    change_g: float
    probability: float


class LateSteps:
    """The latest late steps."""

    def __init__(self) -> None:
        self._steps: deque[LateStep] = deque(maxlen=LATE_KEPT)

    def note(self, book: Book, clusters: Iterable[Cluster], settled: Mapping[VisitId, int]) -> None:
        """Note which of these clusters probably belong to carts settled before, at a cutoff."""
        for cluster in clusters:
            for visit in map(VisitId, book.holders(cluster)):
                if visit in settled:
                    for late in _late_for(book, cluster, visit, settled[visit]):
                        self._add(late)

    def _add(self, late: LateStep) -> None:
        same = (late.visit, late.plate, late.moment_us)
        if all((one.visit, one.plate, one.moment_us) != same for one in self._steps):
            self._steps.append(late)

    def all(self) -> tuple[LateStep, ...]:
        """Return the late steps kept, oldest first."""
        return tuple(self._steps)

    def snapshot(self) -> list[Any]:
        """Return the late steps as plain values."""
        return [list(late) for late in self._steps]

    def restore(self, snapshot: list[Any]) -> None:
        """Keep the late steps of `snapshot`."""
        self._steps = deque((LateStep(*late) for late in snapshot), maxlen=LATE_KEPT)


def _late_for(book: Book, cluster: Cluster, visit: VisitId, cutoff_us: int) -> list[LateStep]:
    late = [one.step for one in cluster.evidence if one.step.settled_us > cutoff_us]
    if not late:
        return []
    (group,) = book.groups_with([cluster])
    probability = beliefs.share(group, cluster, visit)
    if probability < LATE_FROM:
        return []
    return [
        LateStep(visit, step.plate, step.moment_us, step.change_g, probability) for step in late
    ]
