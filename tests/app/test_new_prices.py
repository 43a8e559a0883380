"""A shopkeeper edits the price file and starts the engine again."""

import shutil
from pathlib import Path

import pytest

from store_engine.app import build
from store_engine.service import Service
from store_engine.settings import Settings
from store_engine.store_files import load_store

NANOSTORE = Path(__file__).parents[2] / "configs" / "nanostore"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        store=shutil.copytree(NANOSTORE, tmp_path / "store"),
        data=tmp_path / "data",
        tick_ms=10,
    )


def stopped_after_a_turn(service: Service) -> int:
    """Let the service handle what waits for it; return how many messages were refused."""
    service.turn()
    service.close()
    return service.counters["refused"]


def price_book(settings: Settings) -> str:
    service = build(settings)
    service.abandon()
    return service._engine.price_book


def test_prices_edited_between_two_starts_are_said_before_anybody_comes_in(settings: Settings):
    stopped_after_a_turn(build(settings))
    before = price_book(settings)
    products = settings.store / "products.csv"
    products.write_text(products.read_text().replace(",1.29,food,621.67", ",1.49,food,621.67"))
    assert price_book(settings) == before
    assert stopped_after_a_turn(build(settings)) == 0
    assert price_book(settings) == load_store(settings.store).catalog.version != before


def test_the_same_prices_are_not_said_again(settings: Settings):
    stopped_after_a_turn(build(settings))
    service = build(settings)
    stopped_after_a_turn(service)
    assert service.counters["received"] == 0
