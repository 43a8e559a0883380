"""`store-engine database`: backup, restore, migrate and check the store of record."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from store_engine.adapters.database import open_existing
from store_engine.adapters.database.backup import backup as write_backup
from store_engine.adapters.database.backup import restore as read_backup
from store_engine.adapters.database.books_reading import told_payments
from store_engine.adapters.database.checking import damage, row_counts
from store_engine.adapters.database.connection import Database, parse_url
from store_engine.adapters.database.migrating import migrate as bring_forward
from store_engine.app import database_url
from store_engine.cli.shared import console, out
from store_engine.cli.shared import says_what_is_wrong as clearly
from store_engine.errors import RecordsError
from store_engine.office.inspection import inspect
from store_engine.settings import load_settings
from store_engine.units import format_money

app = typer.Typer(
    help="The store of record: backup, restore, migrate, check.", no_args_is_help=True
)

SettingsFile = Annotated[
    Path | None,
    typer.Option("--settings", help="Settings file (TOML) that says where the database is."),
]
Url = Annotated[
    str | None,
    typer.Option(
        "--database",
        help="URL of the database: sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE.",
        envvar="STORE_ENGINE_DATABASE",
    ),
]


@app.callback()
def database() -> None:
    """The store of record: backup, restore, migrate, check."""


@app.command("backup")
@clearly
def backup(
    to: Annotated[Path, typer.Option(help="New file to write; never written over.")],
    settings: SettingsFile = None,
    url: Url = None,
) -> None:
    """Write everything, as it is at one moment, to one file. Engines may go on meanwhile."""
    source = open_existing(_url(settings, url))
    counts = write_backup(source, to)
    source.close()
    console.print(f"wrote {to}: {_in_words(counts)}", soft_wrap=True, highlight=False)


@app.command("restore")
@clearly
def restore(
    source: Annotated[Path, typer.Argument(help="What `backup` wrote.")],
    settings: SettingsFile = None,
    url: Url = None,
) -> None:
    """Fill an empty database with a backup, and check that everything is there."""
    counts = read_backup(_url(settings, url), source, verify=_wrong)
    console.print(f"restored {source}: {_in_words(counts)}", soft_wrap=True, highlight=False)


@app.command("migrate")
@clearly
def migrate(settings: SettingsFile = None, url: Url = None) -> None:
    """Bring the tables to this version; starting the engine does the same."""
    opened = Database(parse_url(_url(settings, url)))
    steps = bring_forward(opened)
    opened.close()
    console.print(f"steps taken: {', '.join(steps)}" if steps else "nothing to do")


@app.command("check")
@clearly
def check(settings: SettingsFile = None, url: Url = None) -> None:
    """Say what the database holds and where the money is; fail when something is wrong."""
    opened = open_existing(_url(settings, url))
    _show_counts(row_counts(opened))
    found = damage(opened) + _show_money(opened)
    opened.close()
    if found:
        raise RecordsError(f"{len(found)} things are wrong:\n" + "\n".join(found))
    console.print("whole: yes")


def _url(settings: Path | None, url: str | None) -> str:
    return url if url is not None else database_url(load_settings(settings))


def _wrong(database: Database) -> list[str]:
    return damage(database) + inspect(told_payments(database))[1]


def _in_words(counts: Mapping[str, int]) -> str:
    return f"{sum(counts.values())} rows in {len(counts)} tables"


def _show_counts(counts: Mapping[str, int]) -> None:
    table = Table(header_style="bold")
    table.add_column("table")
    table.add_column("rows", justify="right")
    for name, rows in counts.items():
        table.add_row(name, str(rows))
    out.print(table)


def _show_money(database: Database) -> list[str]:
    """Show the ledger of each currency; return what is wrong with it."""
    totals, wrong = inspect(told_payments(database))
    for currency, balance in totals.items():
        parts = [
            f"{name.replace('_', ' ')} "
            + format_money(amount, currency=currency.code, exponent=currency.exponent)
            for name, amount in balance._asdict().items()
        ]
        out.print(", ".join(parts), soft_wrap=True, highlight=False)
    return wrong
