"""The office as `store-engine run` builds it."""

from pathlib import Path

import pytest

from store_engine.adapters.database import open_database
from store_engine.adapters.sqlite_bank_ledger import SqliteLedger
from store_engine.app import database_url, import_first_accounts
from store_engine.app.office import PAYMENTS_FILE, office_clock, open_office
from store_engine.settings import Settings
from store_engine.store_files import load_store

NANOSTORE = Path(__file__).parents[2] / "configs" / "nanostore"


class Running:
    """An office on a data folder; made again, it is a restart."""

    def __init__(self, folder, **access):
        self.settings = Settings(store=NANOSTORE, data=folder, access=access)
        self.database = open_database(database_url(self.settings))
        self.office = open_office(self.settings, load_store(NANOSTORE), self.database)
        self.imported = import_first_accounts(self.office, self.settings)
        self.now_us = office_clock(self.settings)

    def enter(self, credential, number=1):
        entry = f"nanostore/door-1.0.{number}/entry_requested"
        handle = self.office.front.vault.take(credential)
        return self.office.desk.admit(handle, time_us=self.now_us(), entry=entry)

    def held(self):
        return [hold.held for hold in SqliteLedger(self.settings.data / PAYMENTS_FILE).holds()]


@pytest.fixture
def running(tmp_path):
    running = Running(tmp_path)
    yield running
    running.database.close()


def test_the_first_start_opens_the_accounts_of_the_store(running, tmp_path):
    assert running.imported == 14
    again = Running(tmp_path)
    assert again.imported == 0
    again.database.close()


def test_a_shopper_comes_in_on_a_hold_and_under_a_pseudonym(running):
    admission = running.enter("demo-ada")
    assert admission.account == "nanostore.door-1.0.1"
    assert running.held() == [2_000]


def test_who_works_here_comes_in_without_one(running):
    assert running.enter("demo-badge-rob").shopper.role == "restocker"
    assert running.held() == []


def test_a_family_comes_in_together(running):
    assert running.enter("demo-family").people == 4


def test_how_much_is_held_is_a_setting(tmp_path):
    running = Running(tmp_path, hold=500)
    running.enter("demo-ada")
    assert running.held() == [500]
    running.database.close()


def test_a_restart_answers_an_entry_as_before(running, tmp_path):
    first = running.enter("demo-ada")
    again = Running(tmp_path)
    assert again.enter("demo-ada") == first
    again.database.close()
