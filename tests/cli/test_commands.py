"""The commands as a person types them."""

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from store_engine.cli import app

ROOT = Path(__file__).parents[2]
STORE = str(ROOT / "configs" / "nanostore")
QUIET = str(ROOT / "configs" / "scenarios" / "quiet.toml")

runner = CliRunner()


def call(*words: object):
    return runner.invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def recording(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("session") / "quiet.mcap"
    result = call("simulate", QUIET, "--store", STORE, "--seed", 7, "--to", path)
    assert result.exit_code == 0, result.output
    return path


@pytest.fixture
def cut(recording, tmp_path) -> Path:
    path = tmp_path / "cut.mcap"
    path.write_bytes(recording.read_bytes()[: recording.stat().st_size * 2 // 3])
    return path


def test_every_command_has_help_and_a_place_in_the_documents():
    documents = (ROOT / "README.md").read_text() + (ROOT / "docs" / "guide.md").read_text()
    commands = ["demo", "run", "simulate", "record", "camera", "replay", "inspect"]
    for command in [*commands, "import aifi", "receipt explain", "bench accuracy"]:
        result = call(*command.split(), "--help")
        assert result.exit_code == 0
        assert f"store-engine {command}" in documents


def test_a_session_comes_with_its_truth_in_a_file_of_its_own(recording):
    truth = json.loads(recording.with_suffix(".truth.json").read_text())
    assert len(truth["visits"]) == 1
    assert b"truth" not in recording.read_bytes()


def test_replay_shows_the_receipt(recording):
    result = call("replay", recording, "--store", STORE)
    assert result.exit_code == 0
    assert "total with tax" in result.output


def test_replaying_twice_gives_the_same_bytes(recording):
    once, again = (call("replay", recording, "--store", STORE, "--json") for _ in range(2))
    assert once.stdout_bytes == again.stdout_bytes
    kinds = [json.loads(line)["type"] for line in once.stdout.splitlines()]
    assert kinds.count("receipt_issued") == 1
    assert kinds.count("charge_settled") == 1


def test_replay_writes_receipts_as_pages_and_as_json(recording, tmp_path):
    assert call("replay", recording, "--store", STORE, "--pages", tmp_path).exit_code == 0
    (page,), (document,) = tmp_path.glob("*.html"), tmp_path.glob("*.json")
    assert "<!doctype html>" in page.read_text().lower()
    assert json.loads(document.read_text())["visit"] == document.stem


def test_explain_says_why_a_line_is_there(recording):
    result = call("receipt", "explain", recording, "--store", STORE)
    assert "took 1 x" in result.output
    assert "recorded messages: " in result.output


def test_explain_draws_the_plates_and_the_people_near_them(recording):
    result = call("receipt", "explain", recording, "--store", STORE)
    assert re.search(r"plate \d-\d+-\d+ +[▁▂▃▄▅▆▇█]{40,} -\d+\.\d g", result.output)
    assert re.search(r"\(door-1\.\S+ +[▁▂▃▄▅▆▇█ ]+ hand 0\.\d\d m", result.output)


def test_explain_writes_a_page_of_the_lines_asked_for(recording, tmp_path):
    page = tmp_path / "new" / "why.html"
    lines = json.loads(_receipt_of(recording, tmp_path).read_text())["lines"]
    wanted, *others = lines
    words = ["receipt", "explain", recording, "--store", STORE, "--line", wanted["gtin"]]
    assert call(*words, "--page", page).exit_code == 0
    text = page.read_text()
    assert f"GTIN {wanted['gtin']}" in text
    assert all(f"GTIN {other['gtin']}" not in text for other in others)
    assert all(cause in text for cause in wanted["causes"])


def _receipt_of(recording: Path, folder: Path) -> Path:
    call("replay", recording, "--store", STORE, "--pages", folder)
    (document,) = folder.glob("*.json")
    return document


def test_explaining_a_visit_that_is_not_there_names_those_that_are(recording):
    result = call("receipt", "explain", recording, "--store", STORE, "--visit", "nobody")
    assert result.exit_code == 1
    assert "there are: door-1." in result.output


def test_inspect_says_what_is_in_a_recording(recording):
    result = call("inspect", recording)
    assert re.search(r"shelves/gondola-\d/weights\s+│\s+\d+ │\s+5\.\d │", result.output)
    assert "whole: yes" in result.output


def test_a_truncated_recording_is_reported_replayed_and_repaired(cut, tmp_path):
    whole = tmp_path / "whole.mcap"
    assert "cut off or damaged" in call("inspect", cut, "--repair", whole).output
    assert "whole: yes" in call("inspect", whole).output
    events = [call("replay", path, "--store", STORE, "--json").stdout for path in (cut, whole)]
    assert events[0] == events[1] != ""


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["replay", "nowhere.mcap"], "nowhere.mcap"),
        (["inspect", QUIET], "not an MCAP recording"),
        (["simulate", "nowhere.toml"], "nowhere.toml: cannot be read"),
        (["simulate", QUIET, "--people", "bats"], "cameras, tracker or both"),
        (["simulate", QUIET, "--live", "nowhere"], "host:port"),
        (["replay", QUIET], "not an MCAP recording"),
        (["simulate", QUIET, "--store", "nowhere"], "nowhere"),
        (["import", "aifi", "nowhere"], "nowhere"),
        (["run", "--settings", "nowhere.toml"], "nowhere.toml: no such file"),
    ],
)
def test_mistakes_give_one_clear_line_and_status_1(words, complaint, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = [] if words[0] in ("inspect", "run") or "--store" in words else ["--store", STORE]
    result = call(*words, *options)
    assert result.exit_code == 1
    assert "error:" in result.output
    assert complaint in result.output
    assert "Traceback" not in result.output


def readme_commands() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith(".venv/bin/store-engine")]


def test_the_tour_in_the_readme_works_as_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    tour = [line for line in readme_commands() if "out/quiet" in line]
    assert len(tour) == 5
    for line in tour:
        result = call(*shlex.split(line, comments=True)[1:])
        assert result.exit_code == 0, f"{line}\n{result.output}"


def test_the_readme_imports_and_replays_the_real_recording(tmp_path, monkeypatch, shared_data):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    (tmp_path / "FOLDER").symlink_to(shared_data / "aifi-benchmark-1")
    lines = [line for line in readme_commands() if "aifi" in line]
    assert len(lines) == 2
    outputs = [call(*shlex.split(line, comments=True)[1:]).output for line in lines]
    assert "gate messages are not in the export" in outputs[0]
    assert "071142008582" in outputs[1]
