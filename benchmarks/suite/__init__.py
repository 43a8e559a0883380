"""A public, seeded, adversarial receipt benchmark: classes of trials, each easy, medium and hard.

    from benchmarks.suite import CLASSES, trial
    scenario = trial("same-moment", "hard", seed=1000, store=store)

Products and places are drawn from the store's own catalog and map by the rules of `draws`, so a
thousand seeds are a thousand scenes. `python -m benchmarks.suite` prints what each class leaves
decidable.
"""

from benchmarks.suite.catalog import CLASSES, REPORTING_SEEDS, TUNING_SEEDS, trial
from benchmarks.suite.words import DIFFICULTIES, Difficulty, TrialClass

__all__ = [
    "CLASSES",
    "DIFFICULTIES",
    "REPORTING_SEEDS",
    "TUNING_SEEDS",
    "Difficulty",
    "TrialClass",
    "trial",
]
