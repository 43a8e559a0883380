"""The office as a process of its own, as a shopkeeper starts it."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from store_engine.adapters.database import open_database
from store_engine.app import database_url
from store_engine.app.office import open_tokens
from store_engine.settings import load_settings

NANOSTORE = Path(__file__).parents[2] / "configs" / "nanostore"
START_S = 60.0  # on a busy machine


@pytest.fixture
def settings(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    path = tmp_path / "shop.toml"
    path.write_text(
        f'store = "{NANOSTORE}"\ndata = "{tmp_path}/data"\n[office]\nport = {port}\n'
        "[broker]\nport = 1\n"  # where no broker is
    )
    return path, f"http://127.0.0.1:{port}"


def new_token(path):
    chosen = load_settings(path)
    database = open_database(database_url(chosen))
    _, text = open_tokens(chosen, database).create("me", role="admin", stores=["*"])
    database.close()
    return text


def wait_for(address):
    give_up_s = time.monotonic() + START_S
    while time.monotonic() < give_up_s:
        try:
            return httpx.get(f"{address}/healthz", timeout=1.0)
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the office did not open")


def test_the_office_opens_without_an_engine_and_closes_when_it_is_told_to(settings):
    path, address = settings
    run = [sys.executable, "-m", "store_engine", "office", "run", "--settings", str(path)]
    process = subprocess.Popen(run, stderr=subprocess.PIPE)
    try:
        wait_for(address)
        headers = {"Authorization": f"Bearer {new_token(path)}"}
        stores = httpx.get(f"{address}/v1/stores", headers=headers).json()
        devices = httpx.get(f"{address}/v1/stores/nanostore/devices", headers=headers).json()
    finally:
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=30)[1]
    assert process.returncode == 0, said
    assert stores["items"] == ["nanostore"]
    assert {one["state"] for one in devices["items"]} == {"never heard"}
