from dataclasses import replace

import pytest

from store_engine.engine import Engine
from store_engine.units import StoreId
from tests.tiny_store import tiny_store

STORE = tiny_store()


def test_a_snapshot_of_another_store_is_refused():
    other = STORE._replace(map=replace(STORE.map, store=StoreId("elsewhere")))
    with pytest.raises(ValueError, match=r"'elsewhere', version \d+: this is store 'tiny'"):
        Engine(STORE).restore(Engine(other).snapshot())


def test_a_snapshot_of_another_version_is_refused():
    snapshot = Engine(STORE).snapshot()
    with pytest.raises(ValueError, match="version 1: this is store 'tiny', version"):
        Engine(STORE).restore({**snapshot, "version": 1})
