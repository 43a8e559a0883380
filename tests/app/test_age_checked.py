"""Staff say that they looked at a shopper; it goes through the engine and is kept."""

from pathlib import Path

import pytest

from store_engine.adapters.database import open_existing, sqlite_url
from store_engine.adapters.database.records_reading import RecordsReader
from store_engine.app import RECORDS_FILE, build
from store_engine.events import AlertRaised
from store_engine.settings import Settings

NANOSTORE = Path(__file__).parents[2] / "configs" / "nanostore"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(store=NANOSTORE, data=tmp_path / "data", tick_ms=10)


def said(settings: Settings, visit: str) -> tuple[list[str], list[str]]:
    """Say that the shopper of a visit is old enough; return the alerts kept, and the refusals."""
    service = build(settings)
    service.check_age(visit, "t-eva", adult=True)
    service.turn()
    service.close()
    reader = RecordsReader(open_existing(sqlite_url(settings.data / RECORDS_FILE)))
    kinds = [event.alert.kind for event in reader.events() if isinstance(event, AlertRaised)]
    reasons = [letter.reason for letter in reader.dead_letters()]
    reader.close()
    return kinds, reasons


def test_what_staff_say_is_kept_and_answered(settings: Settings):
    assert said(settings, "door-1.0.4") == (["age_check_late"], [])  # nobody is inside


def test_a_visit_that_cannot_be_is_refused_as_a_dead_letter(settings: Settings):
    kinds, (reason,) = said(settings, "no/visit")
    assert kinds == []
    assert "visit" in reason
