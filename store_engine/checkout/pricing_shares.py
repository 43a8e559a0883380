"""Whole minor units shared out over lines, so that the shares always add up to the whole."""

from collections.abc import Mapping
from typing import TypeVar

Key = TypeVar("Key")


def share_out(total: int, weights: Mapping[Key, int]) -> dict[Key, int]:
    """Return `total` minor units split in proportion to `weights`, by largest remainder.

    Each share is its exact proportion rounded down or up, and no share exceeds its weight where
    `total` does not exceed their sum. Between equal remainders the earlier key goes first.
    Method: Hamilton's, as used for seats; see Balinski and Young, "Fair Representation" (1982).

    Raises:
        ValueError: something is to be shared out over nothing.
    """
    whole = sum(weights.values())
    if total and not whole:
        raise ValueError(f"{total} minor units to share out, but nothing to share them over")
    if not total:
        return dict.fromkeys(weights, 0)
    shares, remainders = {}, {}
    for key, weight in weights.items():
        shares[key], remainders[key] = divmod(total * weight, whole)
    missing = total - sum(shares.values())
    for key in sorted(remainders, key=lambda key: -remainders[key])[:missing]:
        shares[key] += 1
    return shares
