"""Which of several boxes are the same person."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def overlap(box: FloatArray, boxes: FloatArray) -> FloatArray:
    """Return (n,) intersection over union of one box (4,) with boxes (n, 4): l, t, r, b."""
    size = np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2])
    common = np.clip(size, 0.0, None).prod(axis=1)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    union = (box[2:] - box[:2]).prod() + areas - common
    shares: FloatArray = common / np.maximum(union, 1e-9)
    return shares


def best_apart(boxes: FloatArray, scores: FloatArray, *, overlap_max: float) -> list[int]:
    """Return the indices of boxes that no better one overlaps by more than `overlap_max`.

    Greedy non-maximum suppression: best first, ties in the order given.
    """
    waiting = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while waiting.size:
        best, rest = int(waiting[0]), waiting[1:]
        kept.append(best)
        waiting = rest[overlap(boxes[best], boxes[rest]) <= overlap_max]
    return kept
