"""`store-engine privacy`, as a person types it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from store_engine.cli import app

ROOT = Path(__file__).parents[2]

runner = CliRunner()


@pytest.fixture
def call(tmp_path):
    where = ["--database", f"sqlite:///{tmp_path}/records.sqlite"]

    def call(*words):
        return runner.invoke(app, [*map(str, words), *where])

    made = call("accounts", "add", "acc-1", "--name", "Ada", "--method", "tok_1")
    assert made.exit_code == 0, made.output
    return lambda *words: call("privacy", *words)


def good(result):
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("command", ["find", "export", "erase", "retain"])
def test_every_command_has_help_and_a_place_in_the_guide(command):
    assert runner.invoke(app, ["privacy", command, "--help"]).exit_code == 0
    assert f"store-engine privacy {command}" in (ROOT / "docs" / "guide.md").read_text()


def test_a_person_is_found_exported_and_erased(call, tmp_path):
    assert good(call("find", "ada")).strip() == "acc-1"
    good(call("export", "acc-1", "--to", tmp_path / "ada.json"))
    assert json.loads((tmp_path / "ada.json").read_text())["account"][0]["name"] == "Ada"
    assert "backups" in good(call("erase", "acc-1", "--yes"))
    assert call("find", "ada").exit_code == 1


def test_an_export_is_never_written_over(call, tmp_path):
    (tmp_path / "ada.json").write_text("mine")
    assert "File exists" in call("export", "acc-1", "--to", tmp_path / "ada.json").stderr
    assert json.loads(good(call("export", "acc-1")))["version"] == 1


def test_nobody_is_erased_by_a_slip(call):
    assert call("erase", "acc-1").exit_code == 1
    assert good(call("find", "acc-1"))


def test_retain_says_how_long_and_how_much_it_deleted(call):
    shown = good(call("retain", "--show"))
    assert "deleted" not in shown
    assert "3653" in shown
    assert "deleted" in good(call("retain"))
