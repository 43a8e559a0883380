"""The service keeps its records where the settings say."""

from pathlib import Path

from store_engine.adapters.database import open_existing, sqlite_url
from store_engine.adapters.database.records import SqlRecords
from store_engine.app import RECORDS_FILE, build, database_url
from store_engine.settings import Settings, load_settings

NANOSTORE = Path(__file__).parents[2] / "configs" / "nanostore"


def test_records_are_in_the_database_of_the_settings(database_url, tmp_path):
    chosen = Settings(store=NANOSTORE, data=tmp_path / "data", database=database_url)
    build(chosen).abandon()
    records = SqlRecords(open_existing(database_url), store="nanostore")
    assert records.begin_life() == 2
    assert not (tmp_path / "data" / RECORDS_FILE).exists()
    records.close()


def test_without_a_setting_they_are_in_a_file_of_the_data_folder(tmp_path):
    chosen = Settings(store=NANOSTORE, data=tmp_path)
    assert database_url(chosen) == sqlite_url(tmp_path / RECORDS_FILE)


def test_the_database_comes_from_the_environment_and_is_never_shown(monkeypatch):
    url = "postgresql+psycopg://engine:hunter2@db/shop"
    monkeypatch.setenv("STORE_ENGINE_STORE", "s")
    monkeypatch.setenv("STORE_ENGINE_DATABASE", url)
    settings = load_settings()
    assert database_url(settings) == url
    assert "hunter2" not in repr(settings)
