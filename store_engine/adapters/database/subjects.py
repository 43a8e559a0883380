"""Everything the database is about: importing this makes `tables.metadata` whole."""

from store_engine.adapters.database import (
    access_tables,
    api_tables,
    case_tables,
    engine_tables,
    office_tables,
    trip_tables,
    voucher_tables,
    webhook_tables,
)

SUBJECTS = (
    access_tables,
    api_tables,
    case_tables,
    engine_tables,
    office_tables,
    trip_tables,
    voucher_tables,
    webhook_tables,
)
