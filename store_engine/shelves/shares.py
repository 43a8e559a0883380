"""Per-cell weights that mostly agree: one number while they do, which is cheaper than an array."""

from typing import Any

import numpy as np

from store_engine.store_map import FloatArray

Share = FloatArray | float  # (cells,), or one for all; written to only as a whole


def counted(seen: Share, more: Share, *, most: float) -> Share:
    """Return `seen` + `more`, at most `most`; one number, kept for good, once all are there."""
    if isinstance(seen, float):
        return seen
    total = np.minimum(seen + more, most)
    return total if np.count_nonzero(total < most) else most


def to_plain(share: Share) -> Any:
    """Return a share as plain values."""
    return share if isinstance(share, float) else share.tolist()


def from_plain(saved: Any) -> Any:
    """Return the share that `to_plain` saved."""
    return saved if isinstance(saved, float) else np.array(saved, dtype=float)
