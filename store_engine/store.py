"""One store: its map, its catalog and its policy, everything the engine is built from."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from store_engine.catalog import Catalog
from store_engine.store_map import StoreMap

Ablation = Literal["learning"]


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What the shopkeeper decides. Every number has a unit; the origin is in its comment."""

    charge_above: float = 0.8  # posterior a line needs: a wrong charge weighs four missed (guess)
    review_below: float = 0.9  # receipts less certain than this are worth a person's look (guess)
    review_budget: float = 0.03  # ... for at most this share of all trips; 0: nobody is asked
    watermark_ms: int = 400  # how long people and gate messages may arrive out of order (guess)
    exit_grace_ms: int = 400  # shelf evidence awaited after the exit crossing (guess)
    exit_wait_max_ms: int = 550  # at most, while a plate near the visit is unsettled (guess)
    admission_ms: int = 20_000  # an accepted scan admits somebody for this long (guess)
    hand_over: Literal["picker_pays", "last_holder"] = "picker_pays"  # who owes what changed hands
    clock_tolerance_ms: int = 150  # device clocks further off than this are re-aligned (guess)
    nominal_latency_ms: int = 100  # transport delay assumed of every device (guess)
    # What a benchmark leaves out of the inference, to see what it is worth; not for store files.
    ablate: frozenset[Ablation] = frozenset()


class Store(NamedTuple):
    """Everything the engine is built from."""

    map: StoreMap
    catalog: Catalog
    policy: Policy = Policy()
