"""`store-engine vouchers`, as a person types it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from store_engine.cli import app

ROOT = Path(__file__).parents[2]
STORE = ["--store", str(ROOT / "configs" / "nanostore")]
runner = CliRunner()


@pytest.fixture
def call(tmp_path):
    def call(group, *words):
        where = ["--database", f"sqlite:///{tmp_path}/records.sqlite"]
        return runner.invoke(app, [group, *words, *where])

    good(call("accounts", "add", "ada"))
    return call


def good(result):
    assert result.exit_code == 0, result.output
    return result.stdout


def wrong(result):
    assert result.exit_code == 1, result.output
    return result.stderr


def issued(call, *words):
    return good(call("vouchers", "issue", *words, *STORE)).strip()


@pytest.mark.parametrize("command", ["issue", "claim", "list", "void"])
def test_every_command_has_help_and_a_place_in_the_guide(command):
    assert runner.invoke(app, ["vouchers", command, "--help"]).exit_code == 0
    assert f"store-engine vouchers {command}" in (ROOT / "docs" / "guide.md").read_text()


def test_a_voucher_is_issued_and_listed(call):
    code = issued(call, "ada", "--amount", "5.00", "--name", "Sorry")
    listed = good(call("vouchers", "list", "ada"))
    for told in (code, "Sorry", "5.00 USD", "good"):
        assert told in listed


def test_a_share_is_told_in_percent(call):
    issued(call, "ada", "--percent", "12.5", "--until", "2999-01-01")
    assert "12.5 %" in good(call("vouchers", "list"))


def test_one_without_a_name_on_it_is_claimed_by_its_code_and_taken_back(call):
    code = issued(call, "--percent", "10")
    assert "unclaimed" in good(call("vouchers", "list"))
    good(call("vouchers", "claim", code, "ada"))
    good(call("vouchers", "void", code))
    assert "void" in good(call("vouchers", "list", "ada"))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--amount", "5.001"], "amount 5.001: at most 2 decimals"),
        (["--amount", "much"], "amount 'much': not a number"),
        (["--percent", "Infinity"], "percent 'Infinity': not a number"),
        (["bob", "--amount", "5"], "account bob: not known here"),
        ([], "either an amount above 0"),
        (["--amount", "5", "--until", "2020-01-01"], "would have run out already"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(call, words, why):
    assert why in wrong(call("vouchers", "issue", *words, *STORE))
