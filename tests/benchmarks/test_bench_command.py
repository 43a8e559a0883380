"""The command as a person types it, on one session with one shopper."""

import importlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.accuracy import command
from sim.truth import owed_by, read_truth
from store_engine.cli import app

ROOT = Path(__file__).parents[2]
STORE = str(ROOT / "configs" / "nanostore")
ONE = ["--classes", "mixed", "--seeds", "1", "--store", STORE]  # seed 1000: one shopper


def call(*words: object):
    return CliRunner().invoke(app, ["bench", "accuracy", *(str(word) for word in words)])


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    result = call(*ONE, "--export", folder)
    assert result.exit_code == 0, result.output
    return folder / "mixed.any.1000"


def test_a_run_writes_table_page_and_results(tmp_path):
    result = call(*ONE, "--contestants", "plain", "--jobs", "1", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert "seeds are for: reporting" in result.output
    assert "<table" in (tmp_path / "report.html").read_text()
    (session,) = json.loads((tmp_path / "results.json").read_text())["sessions"]
    assert session["trial"] == ["mixed", "any", 1000]


def test_what_is_kept_says_command_seeds_and_machine(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "KEPT", tmp_path / "kept")
    result = call(*ONE, "--contestants", "plain", "--jobs", "1", "--out", tmp_path, "--save")
    assert result.exit_code == 0, result.output
    text = (tmp_path / "kept" / "accuracy-mixed-tracker.txt").read_text()
    assert all(f"{word}: " in text for word in ("command", "seeds", "machine"))
    kept = json.loads((tmp_path / "kept" / "accuracy-mixed-tracker.json").read_text())
    assert kept["sessions"] == []


def test_an_export_is_all_that_another_engine_needs(exported):
    store = {path.name for path in (exported.parent / "store").iterdir()}
    assert {"store.toml", "planogram.csv", "accounts.toml"} <= store
    assert {path.name for path in exported.iterdir()} >= {"session.mcap", "truth.json"}
    assert "receipts.json" in (exported.parent / "README.txt").read_text()


def test_the_truth_as_an_answer_scores_one(exported, tmp_path):
    owed = owed_by(read_truth(exported / "truth.json"))
    (exported / "receipts.json").write_text(json.dumps(owed))
    result = call("--score", exported.parent, "--name", "oracle", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    report = json.loads((tmp_path / "results.json").read_text())["report"]
    figures = report["summaries"][0]["figures"]
    assert report["summaries"][0]["contestant"] == "oracle"
    assert (figures["f1"][0], figures["exact"][0], figures["money_error"][0]) == (1, 1, 0)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--classes", "nonsense"], "class 'nonsense': there are"),
        (["--contestants", "nobody"], "contestant 'nobody': there are"),
        (["--people", "bats", "--jobs", "1"], "cameras, tracker or both"),
        (["--score", "nowhere"], "no exported sessions"),
        (["--score", "a", "--export", "b"], "one at a time"),
    ],
)
def test_mistakes_give_one_clear_line_and_status_1(words, complaint, tmp_path):
    result = call(*words, "--store", STORE, "--out", tmp_path)
    assert result.exit_code == 1
    assert complaint in " ".join(result.output.split())
    assert "Traceback" not in result.output


def test_without_the_repository_it_says_where_the_benchmarks_are(monkeypatch):
    def not_installed(name):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name.split(".")[0])

    monkeypatch.setattr(importlib, "import_module", not_installed)
    result = call()
    assert result.exit_code == 1
    assert "clone the repository" in " ".join(result.output.split())
