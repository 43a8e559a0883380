"""Hand-made sessions for tests of the benchmark: nothing is simulated, everything is known."""

from collections.abc import Mapping

from benchmarks.accuracy.scores import Judged, JudgedLine, JudgedTrip
from benchmarks.accuracy.sessions import Session, Trial
from sim.scene import TrueVisit, Truth
from store_engine.accounts import AccountDirectory
from store_engine.ports import RawArrival
from store_engine.scoring import Score
from tests.tiny_store import COLA, WATER, tiny_store

START_US = 1_000_000_000
EXIT_S = 20.0
TRIAL = Trial("mixed", "any", 1000)


def session(owed: Mapping[str, Mapping[str, int]]) -> Session:
    """A minute in which these accounts took these products and left after 20 s."""
    visits = tuple(
        TrueVisit(
            credential=account, account=account, people=(account,), entered_s=5.0, left_s=EXIT_S,
            items=items,
        )
        for account, items in owed.items()
    )  # fmt: skip
    return Session(
        trial=TRIAL,
        store=tiny_store(),
        accounts=AccountDirectory(()),
        heard=tuple(RawArrival(START_US + s * 1_000_000, "nobody/listens", b"") for s in (0, 60)),
        truth=Truth(
            store="tiny", scenario="by hand", seed=0, start_us=START_US, visits=visits, actions=()
        ),
    )


def judged(
    contestant: str = "ours", *, right: int = 1, missing: int = 0, seed: int = 1000,
    name: str = "mixed", sure: float | None = 0.9, reviewed: bool = False,
) -> Judged:  # fmt: skip
    """One shopper who took `right + missing` items and is told of `right` of them."""
    exact = missing == 0
    score = Score(
        right=right, missing=missing, exact=int(exact), shoppers=1, money_wrong=100 * missing,
        money_owed=100 * (right + missing),
    )  # fmt: skip
    return Judged(
        trial=Trial(name, "any", seed),
        contestant=contestant,
        score=score,
        trips=(JudgedTrip("ada", exact, reviewed, sure, 0.5),),
        lines=() if sure is None else (JudgedLine(sure, exact),),
        store_s=60.0,
        cpu_s=1.0,
    )


__all__ = ["COLA", "EXIT_S", "START_US", "TRIAL", "WATER", "judged", "session"]
