"""The setting back_end = "jwo" puts the retailer in the place of our own desk and till."""

import json
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from store_engine.app.web import open_web_office
from store_engine.clock import clock_ns
from store_engine.errors import ConfigError
from store_engine.settings import load_settings
from tests.jwo.retailer import served
from tests.jwo.shop import API_KEY, STORE_ID

NANOSTORE = Path(__file__).parents[2] / "configs" / "nanostore"
SECTION = f"""
back_end = "jwo"
[jwo]
url = "{{url}}"
region = "eu-west-1"
store_id = "{STORE_ID}"
key_id = "AKIDEXAMPLE"
secret = "not-a-secret"
api_keys = {{{{ retailer = "{API_KEY}" }}}}
"""


@pytest.fixture
def settings(tmp_path):
    def load(url="https://retailer.example", *, more=""):
        file = tmp_path / "settings.toml"
        where = f'store = "{NANOSTORE}"\ndata = "{tmp_path}"\n'
        file.write_text(where + SECTION.format(url=url) + more)
        return load_settings(file)

    return load


def test_the_retailer_decides_and_the_front_door_serves_it(settings, retailer):
    with served(retailer) as url:
        web = open_web_office(settings(url))
        entry, now_us = "nanostore/door-1.0.1/entry_requested", clock_ns()() // 1_000
        assert web.office.desk.admit("ada", time_us=now_us, entry=entry).accepted
        body = json.dumps({"storeId": STORE_ID, "shoppingTripId": "nobody-s"})
        client = TestClient(web.application)
        answer = client.post("/v1/cancel/charge", content=body, headers={"x-api-key": API_KEY})
        assert answer.json()["errorMsg"].startswith("UnknownShoppingTrip")
        assert client.post("/v1/cancel/charge", content=body).status_code == 403
        web.database.close()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ('code_pattern = "("', "not a regular expression"),
        ('[office]\nmore_stores = ["elsewhere"]', "takes one store"),
    ],
)
def test_settings_that_cannot_be_are_named(settings, more, says):
    with pytest.raises(ConfigError, match=says):
        settings(more=more)


def test_the_retailer_must_be_named(monkeypatch):
    monkeypatch.setenv("STORE_ENGINE_STORE", str(NANOSTORE))
    monkeypatch.setenv("STORE_ENGINE_BACK_END", "jwo")
    with pytest.raises(ConfigError, match="needs a section"):
        load_settings()
