"""Law: noisier sensors never make the engine surer of itself, on average."""

from functools import cache
from itertools import pairwise
from statistics import fmean

import pytest
from law_sessions import Trial, session, undisturbed

from store_engine.messages import Receipt

NOISES = (1.0, 2.0, 4.0)
# Scenes with something to doubt, so that certainty has room to rise and to fall.
SCENES = [(name, seed) for name in ("very-close", "crossing-arms") for seed in (3, 4, 5)]
# One standard error of the mean difference between two levels of noise over these 12 trips, which
# is what chance alone may do (measured: 0.02 and 0.02).
TOLERANCE = 0.03

Trip = tuple[str, int, str]  # class, seed, account


def right_posterior(receipt: Receipt, owed: dict[str, int]) -> float:
    """Return the mean posterior of what is truly owed; a line that is not there has 0."""
    told = {(line.gtin, line.quantity): line.posterior for line in receipt.lines}
    return fmean(told.get(line, 0.0) for line in owed.items()) if owed else 1.0


@cache
def reported(noise: float) -> dict[Trip, tuple[float, float]]:
    """Return (certainty, posterior of what is truly owed) of every receipt."""
    found = {}
    for name, seed in SCENES:
        trial = Trial(name, "medium", seed, noise=noise)
        visits = session(trial).scene.truth.visits
        owed = {v.account: {str(gtin): n for gtin, n in v.items.items()} for v in visits}
        for receipt in undisturbed(trial).receipts:
            sure = receipt.certainty, right_posterior(receipt, owed[receipt.account])
            found[name, seed, receipt.account] = sure
    return found


@pytest.mark.parametrize("quieter_and_noisier", list(pairwise(NOISES)))
@pytest.mark.parametrize("figure", [0, 1], ids=["certainty", "posterior-of-the-truth"])
def test_more_noise_never_makes_surer_on_average(quieter_and_noisier, figure):
    quieter, noisier = map(reported, quieter_and_noisier)
    trips = [trip for trip in quieter if trip in noisier]
    rise = fmean(noisier[trip][figure] - quieter[trip][figure] for trip in trips)
    assert len(trips) >= len(SCENES)
    assert rise <= TOLERANCE


def test_four_times_the_noise_makes_less_sure():
    quiet, noisy = reported(NOISES[0]), reported(NOISES[-1])
    trips = [trip for trip in quiet if trip in noisy]
    assert fmean(noisy[trip][0] - quiet[trip][0] for trip in trips) < 0.0
