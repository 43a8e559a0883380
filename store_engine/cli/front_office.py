"""The office as the command line sees it: accounts and keys, without an engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from store_engine.adapters.database import open_database
from store_engine.app import database_url
from store_engine.app.office import FrontOffice, open_front_office
from store_engine.cli.shared import NANOSTORE
from store_engine.settings import Settings, load_settings
from store_engine.units import US_PER_S

SettingsFile = Annotated[
    Path | None, typer.Option("--settings", help="Settings of the service, as for `run`.")
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option("--database", help="Its database, instead: sqlite:///out/records.sqlite"),
]


@contextmanager
def front_office(settings: Path | None, database: str | None) -> Iterator[FrontOffice]:
    """Open the office of these settings, or of a database."""
    chosen = (
        load_settings(settings)
        if database is None
        else Settings.model_validate({"store": NANOSTORE, "database": database})
    )
    opened = open_database(database_url(chosen))
    try:
        yield open_front_office(chosen, opened)
    finally:
        opened.close()


def moment(time_us: int) -> str:
    """Return a moment as people read it, in UTC."""
    return f"{datetime.fromtimestamp(time_us / US_PER_S, UTC):%Y-%m-%d %H:%M}"
