"""`store-engine privacy`: what is kept about a person, erasing it, and how long things are kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from store_engine.adapters.database import open_existing
from store_engine.app import database_url
from store_engine.app.office import office_clock, open_front_office
from store_engine.app.privacy import PrivacyOffice, days_kept, open_privacy
from store_engine.cli.shared import NANOSTORE, console, out
from store_engine.cli.shared import says_what_is_wrong as clearly
from store_engine.errors import RequestError
from store_engine.settings import Settings, load_settings

app = typer.Typer(help="Personal data: find, export, erase, retain.", no_args_is_help=True)

SettingsFile = Annotated[
    Path | None, typer.Option("--settings", help="Settings of the service, as for `run`.")
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option("--database", help="Its database, instead: sqlite:///out/records.sqlite"),
]
Account = Annotated[str, typer.Argument(help="The account's id; `find` tells it.")]


def _settings(settings: Path | None, database: str | None) -> Settings:
    if database is None:
        return load_settings(settings)
    return Settings.model_validate({"store": NANOSTORE, "database": database})


@contextmanager
def _office(chosen: Settings) -> Iterator[PrivacyOffice]:
    opened = open_existing(database_url(chosen))
    try:
        yield open_privacy(chosen, opened, open_front_office(chosen, opened))
    finally:
        opened.close()


@app.command()
@clearly
def find(
    text: Annotated[str, typer.Argument(help="A name, token, credential, visit or receipt.")],
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
) -> None:
    """Say whose account something is."""
    with _office(_settings(settings, database)) as office:
        found = office.privacy.find(text)
    if not found:
        raise RequestError("nobody is found by this")
    for account in found:
        out.print(account, markup=False, highlight=False, soft_wrap=True)


@app.command()
@clearly
def export(
    account: Account,
    to: Annotated[Path | None, typer.Option(help="New file to write; never written over.")] = None,
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
) -> None:
    """Write everything that is kept about a person as one JSON document."""
    with _office(_settings(settings, database)) as office:
        document = office.privacy.export(account)
    if to is None:
        typer.echo(document)
        return
    try:
        with to.open("xb") as file:
            file.write(document)
    except OSError as error:
        raise RequestError(f"{to}: {error.strerror}") from error
    console.print(f"wrote {to}: {len(document)} bytes", markup=False, soft_wrap=True)


@app.command()
@clearly
def erase(
    account: Account,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
) -> None:
    """Erase a person for good; what the law keeps stays without a name."""
    if not yes:
        typer.confirm(f"Erase {account}? It cannot be undone", abort=True)
    with _office(_settings(settings, database)) as office:
        erased = office.privacy.erase(account)
    table = Table("table", "rows", header_style="bold")
    for name, rows in sorted(erased.rows.items()):
        if rows:
            table.add_row(name, str(rows))
    out.print(table)
    for place in (*erased.left, "backups, until they are deleted", "your payment provider's books"):
        console.print(f"left: {place}", markup=False, soft_wrap=True)


@app.command()
@clearly
def retain(
    show: Annotated[bool, typer.Option("--show", help="Say how long, and delete nothing.")] = False,
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
) -> None:
    """Delete what its time is over for; the engine does the same once a day."""
    chosen = _settings(settings, database)
    days = days_kept(chosen.retention)
    gone: dict[str, int] = {}
    if not show:
        with _office(chosen) as office:
            gone = office.retention.run(office_clock(chosen)())
    table = Table("kind", "kept, days", *([] if show else ["deleted"]), header_style="bold")
    for kind, kept in days.items():
        table.add_row(kind, f"{kept:.3g}" if kept < 1 else f"{kept:.0f}", *_count(gone, kind))
    out.print(table)


def _count(gone: dict[str, int], kind: str) -> list[str]:
    return [str(gone[kind])] if gone else []
