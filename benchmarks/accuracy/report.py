"""Everything a run found out, as values: what the table, the page and the JSON file show."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from benchmarks.accuracy.calibration import (
    REVIEW_RATES,
    Bins,
    equal_count,
    equal_width,
    wrong_after_review,
)
from benchmarks.accuracy.figures import METRICS, Sample
from benchmarks.accuracy.intervals import Estimate, FloatArray, estimate, inside, resamples
from benchmarks.accuracy.scores import Judged

ALL = ""  # in a summary: over all classes, or over all difficulties


@dataclass(frozen=True, kw_only=True)
class Summary:
    """One contestant over some sessions."""

    contestant: str
    name: str  # of the class, or ALL
    difficulty: str  # or ALL
    sessions: int
    trips: int
    failures: int  # sessions in which the contestant broke down
    figures: Mapping[str, Estimate]  # by name of the metric


@dataclass(frozen=True, kw_only=True)
class Certainty:
    """How far one contestant's certainty can be trusted, over all sessions."""

    contestant: str
    equal_count: Bins
    equal_width: Bins
    review_rates: tuple[float, ...]
    wrong_after_review: tuple[Estimate, ...]  # of the trips not reviewed, for each review rate


@dataclass(frozen=True, kw_only=True)
class Report:
    """A run of the benchmark."""

    header: Mapping[str, str]  # command, seeds, what they are for, machine, ...
    contestants: Mapping[str, str]  # name -> title, in the order of the table
    classes: tuple[str, ...]
    difficulties: tuple[str, ...]
    summaries: tuple[Summary, ...]
    certainties: tuple[Certainty, ...]

    def summary(self, contestant: str, *, name: str = ALL, difficulty: str = ALL) -> Summary | None:
        """Return one summary, None when there were no such sessions."""
        for one in self.summaries:
            if (one.contestant, one.name, one.difficulty) == (contestant, name, difficulty):
                return one
        return None


def report(
    judged: Sequence[Judged], *, header: Mapping[str, str], contestants: Mapping[str, str]
) -> Report:
    """Return all figures of a run, in all and by class and difficulty."""
    return Report(
        header=header,
        contestants=contestants,
        classes=tuple(dict.fromkeys(one.trial.name for one in judged)),
        difficulties=tuple(dict.fromkeys(one.trial.difficulty for one in judged)),
        summaries=tuple(
            summary for name in contestants for summary in _summaries(name, _of(name, judged))
        ),
        certainties=tuple(
            certainty
            for name in contestants
            if (certainty := _certainty(name, _of(name, judged))) is not None
        ),
    )


def _of(contestant: str, judged: Iterable[Judged]) -> list[Judged]:
    return [one for one in judged if one.contestant == contestant]


def _summaries(contestant: str, judged: Sequence[Judged]) -> list[Summary]:
    groups: dict[tuple[str, str], list[Judged]] = {}
    for one in judged:
        name, difficulty = one.trial.name, one.trial.difficulty
        for key in ((ALL, ALL), (name, ALL), (ALL, difficulty), (name, difficulty)):
            groups.setdefault(key, []).append(one)
    return [_summary(contestant, *key, group) for key, group in groups.items()]


def _summary(contestant: str, name: str, difficulty: str, judged: Sequence[Judged]) -> Summary:
    sample, draws = Sample(judged), _draws(judged)
    return Summary(
        contestant=contestant,
        name=name,
        difficulty=difficulty,
        sessions=len(judged),
        trips=sum(len(one.trips) for one in judged),
        failures=sum(bool(one.failure) for one in judged),
        figures={
            metric: estimate(partial(one.figure, sample), draws if one.with_interval else draws[:0])
            for metric, one in METRICS.items()
        },
    )


def _certainty(contestant: str, judged: Sequence[Judged]) -> Certainty | None:
    sample = Sample(judged)
    if not sample.knows_certainty:
        return None
    trips = _draws(judged)[:, sample.trip_session]
    (value,) = wrong_after_review(sample.certainty, sample.trip_wrong)
    low, high = inside(wrong_after_review(sample.certainty, sample.trip_wrong, trips))
    return Certainty(
        contestant=contestant,
        equal_count=equal_count(sample.posterior, sample.line_right).bins,
        equal_width=equal_width(sample.posterior, sample.line_right).bins,
        review_rates=REVIEW_RATES,
        wrong_after_review=tuple(
            Estimate(float(v), float(a), float(b)) for v, a, b in zip(value, low, high, strict=True)
        ),
    )


def _draws(judged: Sequence[Judged]) -> FloatArray:
    return resamples([one.trial.name for one in judged])
