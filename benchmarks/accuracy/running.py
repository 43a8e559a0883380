"""Sessions through contestants, over a few processes: each session is made once."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from benchmarks.accuracy.contestants import CONTESTANTS
from benchmarks.accuracy.scores import Judged, judge
from benchmarks.accuracy.sessions import Session, Trial
from benchmarks.accuracy.told import Told
from store_engine.errors import StoreEngineError

JOBS = 2

Source = Callable[[Trial], Session]  # makes or reads a session; must survive pickling


def run(
    trials: Sequence[Trial], source: Source, *, contestants: Sequence[str], jobs: int = JOBS
) -> Iterator[list[Judged]]:
    """Yield, session by session in the order given, how every contestant did.

    jobs: processes; 1 stays in this one.
    """
    play = partial(run_one, source=source, contestants=tuple(contestants))
    if jobs == 1:
        yield from map(play, trials)
        return
    # Not forked: the caller draws its progress from a thread, and a fork would copy its locks.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(play, trials)


def run_one(trial: Trial, *, source: Source, contestants: Sequence[str]) -> list[Judged]:
    """Return how every contestant did in one session."""
    try:
        session = source(trial)
    except StoreEngineError as error:
        raise StoreEngineError(f"session {trial}: {error}") from error
    return [_played(session, name) for name in contestants]


def _played(session: Session, name: str) -> Judged:
    """A contestant that breaks down has told nothing, and the report says so."""
    try:
        told, failure = CONTESTANTS[name].play(session), ""
    except Exception as error:  # whatever an engine raises: hours of other results are kept
        told, failure = Told(receipts=()), f"{type(error).__name__}: {error}"
    return judge(session, name, told, failure=failure)
