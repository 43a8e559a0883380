from typing import get_args

import pytest

from store_engine.adapters.database.privacy_register import REGISTER
from store_engine.adapters.database.subjects import SUBJECTS
from store_engine.adapters.database.tables import metadata
from store_engine.app.privacy import days_kept
from store_engine.ports.privacy import Kind
from store_engine.settings import RetentionSettings

IDENTIFYING = {"account", "about them", "token", "handle", "credential", "text", "any"}
TABLES = sorted(metadata.tables)


def test_every_table_is_registered_and_none_else():
    assert SUBJECTS
    assert sorted(REGISTER) == TABLES


@pytest.mark.parametrize("table", TABLES)
def test_every_column_is_registered_and_none_else(table):
    assert sorted(REGISTER[table].columns) == sorted(metadata.tables[table].columns.keys())


@pytest.mark.parametrize("table", TABLES)
def test_erasing_keeps_no_table_that_says_who_somebody_is(table):
    held = REGISTER[table]
    if IDENTIFYING & set(held.columns.values()):
        assert held.erasing in ("deletes", "clears", "waits")


def test_every_kind_of_data_has_a_time_and_a_table():
    kinds = set(get_args(Kind))
    assert kinds <= days_kept(RetentionSettings()).keys()
    assert kinds - {held.kept for held in REGISTER.values()} == {"case texts"}  # part of "money"


def test_what_says_who_somebody_is_is_not_kept_for_good():
    kept = {name for name, held in REGISTER.items() if held.kept == "for good"}
    told = {what for name in kept for what in REGISTER[name].columns.values()}
    assert told <= {"nothing", "staff"}
