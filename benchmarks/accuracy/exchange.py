"""Sessions as folders, so that any engine can take part: recordings out, receipts in.

DIR/README.txt                      what is in here and how to answer
DIR/store/                          the store's files and accounts: all an engine is told
DIR/<class>.<difficulty>.<seed>/
    session.mcap                    what the store's edge heard (docs/protocol.md)
    session.json                    class, difficulty and seed
    truth.json                      the answer key, for the scorer only
    receipts.json                   the engine's answer, beside it
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from benchmarks.accuracy.sessions import Session, Trial
from benchmarks.accuracy.told import Told, ToldLine, ToldReceipt
from sim.json_files import read_json, write_json
from sim.truth import read_truth, write_truth
from store_engine.adapters.recordings import McapRecorder, McapRecording
from store_engine.errors import RecordingError
from store_engine.messages import Probability
from store_engine.store_files import load_accounts, load_store

README = """\
Recorded sessions of a simulated shop, and who truly took what.

store/                   the shop as an engine is told it: map, planogram, catalog, accounts
<session>/session.mcap   everything the shop's edge heard, in the order of arrival
<session>/session.json   class, difficulty and seed of the session
<session>/truth.json     the answer key. Only the scorer may read it.

Answer each session with <session>/receipts.json: for every account that came in, what it is
charged for, product code to quantity.

    {"ada": {"071142008582": 2, "096619226504": 1}, "bea": {}}

An engine that knows how sure it is may say so, and may show a line without charging it, which
counts as asking a person to look at that receipt.

    {"ada": {"071142008582": {"quantity": 2, "posterior": 0.97},
             "096619226504": {"quantity": 1, "posterior": 0.55, "charged": false}}}

posterior: the probability that exactly this quantity is right.

Then, in a clone of the project:  store-engine bench accuracy --score DIR
"""

Quantity = Annotated[int, msgspec.Meta(ge=0)]


class _Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What session.json says."""

    name: str
    difficulty: str
    seed: int


class _Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of receipts.json with its certainty."""

    quantity: Quantity
    posterior: Probability | None = None
    charged: bool = True


_Receipts = dict[str, dict[str, Quantity | _Line]]


def begin_export(folder: Path, store: Path) -> None:
    """Write what all sessions share."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(store, folder / "store", dirs_exist_ok=True)
    (folder / "README.txt").write_text(README)


def export(session: Session, folder: Path) -> Path:
    """Write one session under `folder`; return where."""
    to = folder / str(session.trial)
    to.mkdir(parents=True, exist_ok=True)
    notes = {"trial": str(session.trial), "simulated": "yes"}
    with McapRecorder(to / "session.mcap", store=session.truth.store, notes=notes) as recorder:
        for raw in session.heard:
            recorder.write(raw)
    write_json(to / "session.json", session.trial._asdict())
    write_truth(session.truth, to / "truth.json")
    return to


def exported_trials(folder: Path) -> list[Trial]:
    """Return the sessions in `folder`, by class, difficulty and seed."""
    paths = folder.glob("*/session.json")
    found = sorted(_trial(path) for path in paths)
    if not found:
        raise RecordingError(f"{folder}: no exported sessions (<session>/session.json)")
    return found


def _trial(path: Path) -> Trial:
    return Trial(**msgspec.structs.asdict(read_json(path, _Trial, what="a session file")))


def exported(trial: Trial, *, folder: Path) -> Session:
    """Return one session as it was exported."""
    place = folder / str(trial)
    recording = McapRecording(place / "session.mcap")
    heard = tuple(recording)
    if recording.damage or not heard:
        raise RecordingError(recording.damage or f"{recording.path}: no messages")
    return Session(
        trial=trial,
        store=load_store(folder / "store"),
        accounts=load_accounts(folder / "store"),
        heard=heard,
        truth=read_truth(place / "truth.json"),
    )


def answer(session: Session, folder: Path) -> Told:
    """Return what receipts.json says. Raises `RecordingError` naming file and mistake."""
    path = folder / str(session.trial) / "receipts.json"
    receipts = read_json(path, _Receipts, what="an answer")
    for account, lines in receipts.items():
        for gtin in lines:
            if gtin not in session.prices:
                raise RecordingError(f"{path}: account {account}: no product {gtin} in the catalog")
    return Told(receipts=tuple(_told(*item) for item in sorted(receipts.items())))


def _told(account: str, said: Mapping[str, int | _Line]) -> ToldReceipt:
    lines = tuple(_line(gtin, one) for gtin, one in sorted(said.items()))
    return ToldReceipt(
        account=account,
        lines=lines,
        reviewed=any(not line.charged for line in lines),
    )


def _line(gtin: str, said: int | _Line) -> ToldLine:
    if isinstance(said, int):
        return ToldLine(gtin, said)
    return ToldLine(gtin, said.quantity, said.posterior, said.charged)
