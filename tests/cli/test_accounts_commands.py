"""`store-engine accounts`, as a person types it."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from store_engine.cli import app
from tests.access.signed_codes import ED

ROOT = Path(__file__).parents[2]
STORE = ROOT / "configs" / "nanostore"
COMMANDS = [
    "add", "import", "list", "show", "block", "methods", "code", "badge", "keys rotate",
    "keys list", "keys trust", "keys retire",
]  # fmt: skip

runner = CliRunner()


@pytest.fixture
def call(tmp_path):
    def call(*words):
        where = ["--database", f"sqlite:///{tmp_path}/records.sqlite"]
        return runner.invoke(app, ["accounts", *map(str, words), *where])

    return call


def good(result):
    assert result.exit_code == 0, result.output
    return result.output


def wrong(result):
    assert result.exit_code == 1, result.output
    return result.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_a_place_in_the_guide(command):
    assert runner.invoke(app, ["accounts", *command.split(), "--help"]).exit_code == 0
    assert f"store-engine accounts {command}" in (ROOT / "docs" / "guide.md").read_text()


def test_an_account_is_opened_shown_and_blocked(call):
    good(call("add", "ada", "--name", "Ada", "--method", "tok_1", "--credential", "c", "--adult"))
    good(call("block", "ada", "--why", "unpaid visit"))
    shown = good(call("show", "ada"))
    assert "ada Ada, since 20" in shown
    assert "blocked: unpaid visit" in shown
    assert re.search(r"presents h:token:\w{26} \(token, 1 people\)", shown)
    assert "ada" in good(call("list"))


def test_payment_methods_are_added_and_removed(call):
    good(call("add", "ada", "--method", "tok_1"))
    name = good(call("methods", "ada", "--add", "tok_2")).splitlines()[0].partition(":")[0]
    assert "tok_1" not in good(call("methods", "ada", "--remove", name))


def test_the_demonstrations_accounts_are_imported_once(call):
    assert "14 accounts opened" in good(call("import", STORE / "accounts.toml"))
    assert "0 accounts opened" in good(call("import", STORE / "accounts.toml"))


def test_a_code_is_drawn_for_a_phone_and_saved(call, tmp_path):
    good(call("add", "ada"))
    good(call("keys", "rotate", "--algorithm", "ES256"))
    saved = [tmp_path / "ada.png", tmp_path / "ada.svg"]
    for path in saved:
        assert re.search(
            r"^eyJ[\w-]+\.[\w-]+\.[\w-]+$",
            good(call("code", "ada", "--store", STORE, "--save", path)),
            re.MULTILINE,
        )
    assert saved[0].read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in saved[1].read_bytes()


def test_a_badge_is_for_who_works_here(call):
    good(call("add", "rob", "--role", "restocker"))
    assert "badge-" in good(call("badge", "rob"))
    good(call("add", "ada"))
    assert "a badge needs an account with a role" in wrong(call("badge", "ada"))


def test_keys_are_listed_with_the_day_they_retired(call):
    for _ in range(2):
        good(call("keys", "rotate"))
    assert len(re.findall("store-engine", good(call("keys", "list")))) == 2


def test_a_retailers_own_key_is_trusted_until_it_is_retired(call, tmp_path):
    (tmp_path / "app.pem").write_text(ED.public_pem)
    said = good(call("keys", "trust", "app-1", tmp_path / "app.pem", "--issuer", "app.example"))
    assert "signed with app-1 (EdDSA) are accepted" in said
    good(call("keys", "retire", "app-1"))
    assert re.search("app.example.*20..-.*20..-", good(call("keys", "list")))


@pytest.mark.parametrize(
    ("words", "limit"),
    [
        (("add", "eve", "--role", "boss"), "role 'boss': staff, picker, restocker, tester"),
        (("add", "eve", "--method", "4111111111111111"), "looks like a card number"),
        (("show", "eve"), "account eve: not known here"),
        (("code", "eve", "--store", STORE), "account eve: not known here"),
        (("keys", "rotate", "--algorithm", "HS256"), "algorithm 'HS256': EdDSA or ES256"),
    ],
)
def test_what_is_wrong_is_one_clear_line(call, words, limit):
    assert limit in " ".join(wrong(call(*words)).split())
