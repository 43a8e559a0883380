"""The figures of the table: what each is called, what it means, how it is computed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from benchmarks.accuracy.calibration import Binned, equal_count, equal_width
from benchmarks.accuracy.intervals import FloatArray
from benchmarks.accuracy.scores import Judged

NAN = float("nan")
NOTHING = "-"  # where there is nothing to measure
COUNTS = ("right", "extra", "missing", "exact", "shoppers", "money_wrong", "money_owed",
    "money_over")  # fmt: skip


class Sample:
    """Judged sessions of one contestant as arrays, ready to be weighted.

    `counts` are (n,) over sessions; trips and lines know the session they belong to.
    """

    def __init__(self, judged: Sequence[Judged]) -> None:
        self.counts = {name: _array(getattr(one.score, name) for one in judged) for name in COUNTS}
        self.counts |= {
            "wrong": _array(one.score.extra + one.score.missing for one in judged),
            "trips": _array(len(one.trips) for one in judged),
            "reviewed": _array(sum(t.reviewed for t in one.trips) for one in judged),
            "passed": _array(sum(not t.reviewed for t in one.trips) for one in judged),
            "passed_wrong": _array(
                sum(not (t.reviewed or t.exact) for t in one.trips) for one in judged
            ),
            "cpu_s": _array(one.cpu_s for one in judged),
            "store_min": _array(one.store_s / 60.0 for one in judged),
        }
        trips = [(i, trip) for i, one in enumerate(judged) for trip in one.trips]
        self.trip_session = np.array([i for i, _ in trips], dtype=int)
        self.trip_wrong = _array(not trip.exact for _, trip in trips)
        self.certainty = _array(trip.certainty for _, trip in trips)
        self.latency_s = _array(trip.latency_s for _, trip in trips)
        lines = [(i, line) for i, one in enumerate(judged) for line in one.lines]
        self.line_session = np.array([i for i, _ in lines], dtype=int)
        self.posterior = _array(line.posterior for _, line in lines)
        self.line_right = _array(line.right for _, line in lines)

    @property
    def knows_certainty(self) -> bool:
        """Whether lines were told with a posterior and every trip with a certainty."""
        return len(self.posterior) > 0 and not np.isnan(self.certainty).any()


Figure = Callable[[Sample, FloatArray], FloatArray]  # (k, n) weights over sessions -> (k,)


class Metric(NamedTuple):
    """One figure of the table."""

    title: str  # at the head of a column
    meaning: str  # one sentence for a retailer
    figure: Figure
    unit: str = "ratio"  # ratio, percent, seconds
    with_interval: bool = True


def _array(values: Iterable[float | None]) -> FloatArray:
    return np.array([NAN if value is None else float(value) for value in values])


def _share(part: str, whole: str, *, empty: float = NAN) -> Figure:
    """Return the figure part / whole of summed counts."""

    def share(s: Sample, w: FloatArray) -> FloatArray:
        return _ratio(w @ s.counts[part], w @ s.counts[whole], empty)

    return share


def _ratio(part: FloatArray, whole: FloatArray, empty: float = NAN) -> FloatArray:
    ratio: FloatArray = np.divide(part, whole, out=np.full_like(part, empty), where=whole > 0.0)
    return ratio


def _precision(s: Sample, w: FloatArray) -> FloatArray:
    right = w @ s.counts["right"]
    return _ratio(right, right + w @ s.counts["extra"], empty=1.0)


def _recall(s: Sample, w: FloatArray) -> FloatArray:
    right = w @ s.counts["right"]
    return _ratio(right, right + w @ s.counts["missing"], empty=1.0)


def _f1(s: Sample, w: FloatArray) -> FloatArray:
    right = w @ s.counts["right"]
    return _ratio(2.0 * right, 2.0 * right + w @ s.counts["wrong"], empty=1.0)


def _under(s: Sample, w: FloatArray) -> FloatArray:
    under = s.counts["money_wrong"] - s.counts["money_over"]
    return _ratio(w @ under, w @ s.counts["money_owed"])


def _calibration(binned: Callable[[FloatArray, FloatArray, FloatArray], Binned]) -> Figure:
    """Return the calibration error over bins, NaN where no posterior was told."""

    def error(s: Sample, w: FloatArray) -> FloatArray:
        if not len(s.posterior):
            return np.full(len(w), NAN)
        return binned(s.posterior, s.line_right, w[:, s.line_session]).calibration_error

    return error


def _latency(share: float) -> Figure:
    """Return the latency below which this share of the receipts lie."""

    def quantile(s: Sample, w: FloatArray) -> FloatArray:
        known = ~np.isnan(s.latency_s)
        if not known.any():
            return np.full(len(w), NAN)
        order = np.argsort(s.latency_s[known])
        weight = np.cumsum(w[:, s.trip_session[known][order]], axis=1)
        place = [int(np.searchsorted(one, share * one[-1])) for one in weight]
        latency: FloatArray = s.latency_s[known][order][place]
        return latency

    return quantile


METRICS: Mapping[str, Metric] = {
    "f1": Metric(
        "item F1",
        "Harmonic mean of precision and recall. An item counts only if shopper and product are "
        "both right.",
        _f1,
    ),
    "precision": Metric(
        "precision",
        "Share of charged items that were truly taken by who was charged.",
        _precision,
    ),
    "recall": Metric("recall", "Share of taken items that were charged to who took them.", _recall),
    "exact": Metric(
        "exact receipts",
        "Receipts without a single mistake.",
        _share("exact", "shoppers"),
        "percent",
    ),
    "money_error": Metric(
        "money error",
        "Sum over shoppers of what they were charged too much or too little, as a share of all "
        "that was owed.",
        _share("money_wrong", "money_owed"),
        "percent",
    ),
    "overcharged": Metric(
        "over",
        "The part of the money error that shoppers paid too much.",
        _share("money_over", "money_owed"),
        "percent",
    ),
    "undercharged": Metric(
        "under", "The part of the money error that the shop lost.", _under, "percent"
    ),
    "review_rate": Metric(
        "asks a person",
        "Trips on which a person is asked to look.",
        _share("reviewed", "trips"),
        "percent",
    ),
    "wrong_unreviewed": Metric(
        "wrong of the rest",
        "Wrong receipts among those nobody was asked to look at.",
        _share("passed_wrong", "passed", empty=0.0),
        "percent",
    ),
    "ece": Metric(
        "calibration error",
        "How far stated certainty is from how often it was right, over ten bins with the same "
        "number of receipt lines.",
        _calibration(equal_count),
    ),
    "ece_width": Metric(
        "same, equal widths",
        "The same over ten bins of equal width.",
        _calibration(equal_width),
        with_interval=False,
    ),
    "latency_s": Metric(
        "receipt after",
        "Median time from walking out to the receipt, in store time.",
        _latency(0.5),
        "seconds",
        with_interval=False,
    ),
    "latency_p95_s": Metric(
        "95 % within",
        "Time within which 95 of 100 receipts are there.",
        _latency(0.95),
        "seconds",
        with_interval=False,
    ),
    "cpu_s_per_min": Metric(
        "CPU per minute",
        "Processor seconds for one minute of the whole store.",
        _share("cpu_s", "store_min"),
        "seconds",
        with_interval=False,
    ),
}


def shown(metric: str, value: float | None) -> str:
    """Return a figure as people read it, NOTHING where there is none."""
    if value is None:
        return NOTHING
    number, unit = _spelled(metric, value)
    return number + unit


def shown_range(metric: str, low: float | None, high: float | None) -> str:
    """Return an interval as people read it: 37.5 to 62.5%.

    Returns "" where there is none, or but a point: when no session differed, a resample cannot.
    """
    if low is None or high is None or low == high:
        return ""
    (start, _), (end, unit) = _spelled(metric, low), _spelled(metric, high)
    return f"{start} to {end}{unit}"


def _spelled(metric: str, value: float) -> tuple[str, str]:
    """Return the number and its unit."""
    match METRICS[metric].unit:
        case "percent":
            return f"{100.0 * value:.1f}", "%"
        case "seconds":
            return f"{value:.2f}", " s"
    return f"{value:.3f}", ""
