"""`store-engine devices` as a person types it. The broker itself: tests/adapters."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from store_engine.cli import app

ROOT = Path(__file__).parents[2]
STORE = ROOT / "configs" / "nanostore"


def devices(*words):
    return CliRunner().invoke(app, ["devices", *map(str, words)], env={"COLUMNS": "200"})


@pytest.fixture
def inside(tmp_path):
    """Options that name the store and a folder in which `init` was done."""
    folder = tmp_path / "secure"
    result = devices("init", "--store", STORE, "--to", folder, "--host", "broker.shop")
    assert result.exit_code == 0, result.output
    return ("--store", STORE, "--in", folder)


def row(name, inside):
    """The lines of the list about one name."""
    lines = devices("list", *inside).output.splitlines()
    return [line for line in lines if f" {name} " in line]


def test_every_command_has_help_and_a_place_in_the_guide():
    guide = (ROOT / "docs" / "guide.md").read_text()
    for command in ("init", "enroll", "list", "revoke"):
        assert devices(command, "--help").exit_code == 0
        assert f"store-engine devices {command}" in guide


def test_an_enrolled_device_is_on_the_list_with_what_it_is(inside):
    assert devices("enroll", "camera-3", *inside).exit_code == 0
    (line,) = row("camera-3", inside)
    assert "camera" in line
    assert "good" in line


def test_a_revoked_device_is_on_the_list_as_revoked(inside):
    devices("enroll", "camera-3", *inside)
    result = devices("revoke", "camera-3", *inside)
    assert "certificates revoked: 1" in result.output
    assert "restart the broker" in result.output
    assert "revoked" in row("camera-3", inside)[0]


def test_all_means_every_device_that_has_no_certificate_in_force(inside):
    devices("enroll", "camera-3", *inside)
    devices("enroll", "--all", *inside)
    assert len(row("camera-3", inside)) == 1
    assert len(row("door-1", inside)) == 1
    devices("revoke", "door-1", *inside)
    devices("enroll", "--all", *inside)
    assert len(row("door-1", inside)) == 2


def test_a_device_that_the_store_does_not_know_is_refused_naming_those_it_does(inside):
    result = devices("enroll", "camera-77", *inside)
    assert result.exit_code == 1
    assert "device 'camera-77': store 'nanostore' knows camera-1, camera-10" in result.output


def test_the_engine_is_told_its_settings(inside):
    result = devices("enroll", "--engine", *inside)
    assert 'host = "broker.shop"\nport = 8883\ntls = true\n' in result.stdout


def test_the_broker_is_given_a_new_certificate(inside):
    assert devices("enroll", "--broker", *inside).exit_code == 0
    assert len(row("broker", inside)) == 2


def test_nobody_to_enroll_is_a_question(inside):
    result = devices("enroll", *inside)
    assert result.exit_code == 1
    assert "enroll whom?" in result.output


def test_a_certificate_near_its_end_is_pointed_out(inside):
    devices("enroll", "camera-3", "--days", 10, *inside)
    assert "expires soon" in row("camera-3", inside)[0]
