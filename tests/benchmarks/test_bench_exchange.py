import json

import pytest
from bench_sessions import COLA, WATER, session

from benchmarks.accuracy import exchange
from benchmarks.accuracy.scores import judge
from sim.truth import owed_by
from store_engine.accounts import AccountDirectory
from store_engine.errors import RecordingError
from tests.tiny_store import tiny_store


@pytest.fixture
def exported(tmp_path, monkeypatch):
    """A folder with one session, of a store that has no files."""
    monkeypatch.setattr(exchange, "load_store", lambda _: tiny_store())
    monkeypatch.setattr(exchange, "load_accounts", lambda _: AccountDirectory(()))
    exchange.export(session({"ada": {WATER: 2, COLA: 1}, "bea": {}}), tmp_path)
    return tmp_path


def respond(folder, answer):
    (trial,) = exchange.exported_trials(folder)
    (folder / str(trial) / "receipts.json").write_text(json.dumps(answer))
    read = exchange.exported(trial, folder=folder)
    return judge(read, "theirs", exchange.answer(read, folder))


def test_a_session_comes_back_as_it_was_exported(exported):
    (trial,) = exchange.exported_trials(exported)
    original = session({"ada": {WATER: 2, COLA: 1}, "bea": {}})
    read = exchange.exported(trial, folder=exported)
    assert (read.heard, read.truth, read.trial) == (original.heard, original.truth, original.trial)


def test_answering_with_the_truth_itself_scores_one(exported):
    (trial,) = exchange.exported_trials(exported)
    owed = owed_by(exchange.exported(trial, folder=exported).truth)
    result = respond(exported, owed)
    assert (result.score.f1, result.score.exact_share, result.score.money_error) == (1, 1, 0)


def test_an_answer_may_say_how_sure_it_is(exported):
    doubt = {"quantity": 1, "posterior": 0.3, "charged": False}
    result = respond(exported, {"ada": {WATER: {"quantity": 2, "posterior": 0.9}, COLA: doubt}})
    assert [tuple(line) for line in result.lines] == [(0.3, True), (0.9, True)]
    assert (result.score.missing, result.trips[0].reviewed) == (1, True)


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [({"ada": {"123": 1}}, "no product 123 in the catalog"),
     ({"ada": {WATER: -1}}, "receipts.json"),
     ({"ada": {WATER: {"quantity": 1, "posterior": 1.5}}}, "receipts.json"), ([], "receipts.json")],
)  # fmt: skip
def test_a_mistaken_answer_is_named(exported, answer, complaint):
    with pytest.raises(RecordingError, match=complaint):
        respond(exported, answer)


def test_a_session_without_an_answer_is_named(exported):
    (trial,) = exchange.exported_trials(exported)
    with pytest.raises(RecordingError, match=r"mixed\.any\.1000/receipts\.json: cannot be read"):
        exchange.answer(exchange.exported(trial, folder=exported), exported)


def test_a_folder_without_sessions_is_no_export(tmp_path):
    with pytest.raises(RecordingError, match="no exported sessions"):
        exchange.exported_trials(tmp_path)
