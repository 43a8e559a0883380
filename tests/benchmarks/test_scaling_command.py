from pathlib import Path

import pytest
from typer.testing import CliRunner

from store_engine.cli import app

ROOT = Path(__file__).parents[2]


def call(*words: object):
    return CliRunner().invoke(app, ["bench", *map(str, words)])


@pytest.mark.parametrize("command", ["scaling", "endurance", "confusion"])
def test_every_benchmark_has_help_and_a_place_in_the_documents(command):
    assert call(command, "--help").exit_code == 0
    assert f"store-engine bench {command}" in (ROOT / "benchmarks" / "README.md").read_text()


@pytest.mark.parametrize("words", ["", "1,two", "4,-1", "0"])
def test_counts_that_are_none_give_one_clear_line(words):
    result = call("scaling", "--shoppers", words)
    assert result.exit_code == 1
    assert "whole numbers above 0" in result.output
    assert "Traceback" not in result.output
