"""A water bottle taken in the tiny store, as it was recorded and as it is explained."""

import numpy as np

from store_engine.explanations import Cluster, Concern, typed
from store_engine.messages import Receipt, ReceiptLine, ShelfWeights
from store_engine.signals import Hand, TrackMoved, VisitorBound
from store_engine.traces import Traces
from store_engine.units import AccountId, MessageRef, TrackId, VisitId, to_us
from tests.tiny_store import COLA, WATER, tiny_store

NOON_US = 1_767_268_800_000_000
RATE_HZ, NOISE_G, DROP_G = 50.0, 0.4, -621.0
ADA, BEA = "door.0.1", "door.0.2"


def at(seconds: float) -> int:
    return NOON_US + to_us(seconds)


def told(gtin: str, who: str, posterior: float) -> dict:
    move = {"who": who, "gtin": gtin, "quantity": 1, "plate": "1-1-1", "astray": False}
    return {"moves": [move], "posterior": posterior}


def explained(**changes: object) -> dict:
    step = {"plate": "1-1-1", "began_us": at(-0.5), "moment_us": at(0.0), "ended_us": at(0.2)}
    reach = {
        "plate": "1-1-1", "track": "t1", "who": ADA, "distance_m": 0.0, "by": "hand",
        "time_us": at(0.0), "log_ratio": 2.0, "cause": "tracker/0/45",
    }  # fmt: skip
    return {
        "moment_us": at(0.0),
        "change_g": DROP_G,
        "std_g": 0.5,
        "steps": [step | {"change_g": DROP_G, "std_g": 0.5}],
        "explanations": [told(WATER, ADA, 0.9), told(WATER, BEA, 0.08), told(COLA, ADA, 0.02)],
        "distances": [reach],
        "causes": ["shelf-1/0/14", "shelf-1/0/17"],
        **changes,
    }


def a_cluster(**changes: object) -> Cluster:
    return typed([explained(**changes)])[0]


def traces_of(*clusters: Cluster) -> Traces:
    """Ten seconds of shelf 1, ada's hand coming and going, bea's body standing by."""
    traces = Traces(clusters, tiny_store().map)
    noise = np.random.default_rng(1).normal(0.0, NOISE_G, 500)
    for batch in range(50):
        since = batch * 10
        seconds = -5.0 + (since + np.arange(10)) / RATE_HZ
        grams = 5_000.0 + np.where(seconds > 0.0, DROP_G, 0.0) + noise[since : since + 10]
        grams += np.where((seconds > -0.5) & (seconds <= 0.0), 200.0, 0.0)  # a hand rests on it
        traces.weighed(
            ShelfWeights(
                device="shelf-1",
                sequence=batch,
                time_us=0,
                rate_hz=RATE_HZ,
                samples=tuple((value, None, None) for value in grams.tolist()),
            ),
            at(float(seconds[0])),
        )
    for tenth in range(-50, 50):
        traces.moved(moved("t1", tenth / 10, y=-0.5, hand=(1.1, 0.05 - abs(tenth) / 20, 1.1)))
        traces.moved(moved("t2", tenth / 10, y=-1.0, hand=None))
    for track, visit in (("t1", BEA), ("t1", ADA), ("t2", BEA)):  # of t1, the last word counts
        traces.bound(bound(track, visit))
    return traces


def bound(track: str, visit: str) -> VisitorBound:
    account = AccountId("whose")
    return VisitorBound(
        track=TrackId(track), visit=VisitId(visit), account=account, time_us=at(9.0), causes=()
    )


def moved(track: str, seconds: float, *, y: float, hand: tuple | None) -> TrackMoved:
    return TrackMoved(
        track=TrackId(track), time_us=at(seconds), x=1.1, y=y, var_xx=0.01, var_xy=0.0,
        var_yy=0.01, head=None, hands=() if hand is None else (Hand(*hand, 0.02),), in_hand=(),
        cause=MessageRef("tracker/0/1"),
    )  # fmt: skip


def a_receipt(**changes: object) -> Receipt:
    line = ReceiptLine(
        gtin=WATER, name="Water", quantity=1, unit_price=129, amount=129, tax_class="food", tax=0,
        posterior=0.9, charged=True, causes=("shelf-1/0/14", "tracker/0/45"),
    )  # fmt: skip
    facts = {
        "receipt": "r1", "store": "tiny", "visit": ADA, "account": "ada",
        "entered_us": at(-60.0), "left_us": at(60.0), "lines": (line,), "subtotal": 129, "tax": 0,
        "total": 129, "currency": "USD", "currency_exponent": 2, "prices_include_tax": False,
        "certainty": 0.88,
    }  # fmt: skip
    return Receipt(**(facts | changes))


def a_concern(*clusters: Cluster) -> Concern:
    return Concern(WATER, clusters)
