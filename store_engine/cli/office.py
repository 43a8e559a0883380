"""`store-engine office`: the HTTP front door, its tokens, and links to receipts."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import segno
import typer
from rich.markup import escape
from rich.table import Table

from store_engine.adapters.database import Database, open_database
from store_engine.adapters.database.records_reading import RecordsReader
from store_engine.app import configure_logging, database_url
from store_engine.app.office import open_links, open_tokens
from store_engine.cli.shared import console, out
from store_engine.cli.shared import says_what_is_wrong as clearly
from store_engine.errors import RequestError
from store_engine.ports.api import ApiToken, TokenRole
from store_engine.settings import Settings, load_settings
from store_engine.units import US_PER_S

app = typer.Typer(help="The HTTP front door of the office.", no_args_is_help=True)
tokens = typer.Typer(help="Tokens of the HTTP API.", no_args_is_help=True)
app.add_typer(tokens, name="token")

SettingsFile = Annotated[
    Path | None, typer.Option("--settings", help="Settings of the service, as for `run`.")
]


@app.command()
@clearly
def run(settings: SettingsFile = None) -> None:
    """Serve the API and the receipts, send webhooks, finish what is unfinished.

    Runs beside an engine or without one, over the same database.
    """
    # FastAPI takes half a second to import, and no other command needs it.
    from store_engine.app.web import run_office  # noqa: PLC0415

    chosen = load_settings(settings)
    configure_logging(chosen.log_level)
    run_office(chosen)


@app.command()
@clearly
def link(
    receipt: Annotated[str, typer.Argument(help="The receipt's id, or its visit.")],
    settings: SettingsFile = None,
) -> None:
    """Print the address of a receipt's page, and as a QR code."""
    with _opened(settings) as (chosen, database):
        found = RecordsReader(database).receipt(receipt)
        if found is None:
            raise RequestError(f"receipt {receipt}: not known here")
        url = open_links(chosen, database).url(found.store, found.receipt)
    drawn = io.StringIO()
    segno.make(url, error="m", micro=False).terminal(drawn, compact=True)
    console.print(drawn.getvalue(), markup=False, highlight=False)
    out.print(url, markup=False, highlight=False, soft_wrap=True)


@tokens.command()
@clearly
def create(
    holder: Annotated[str, typer.Argument(help="Who gets it.")],
    role: Annotated[TokenRole, typer.Option(help="What it is for.")],
    store: Annotated[
        list[str], typer.Option(help='Where it holds; several times for several, "*" for all.')
    ],
    account: Annotated[str, typer.Option(help="Whose it is: a shopper's only.")] = "",
    days: Annotated[int, typer.Option(help="How long it is good for.", min=1, max=366)] = 90,
    settings: SettingsFile = None,
) -> None:
    """Make a token. It is printed once and kept nowhere."""
    with _opened(settings) as (chosen, database):
        made, text = open_tokens(chosen, database).create(
            holder, role=role, stores=store, account=account, lifetime_s=days * 86_400.0
        )
    console.print(f"{made.token}: {role} in {', '.join(made.stores)}", highlight=False)
    out.print(text, markup=False, highlight=False, soft_wrap=True)


@tokens.command(name="list")
@clearly
def list_(settings: SettingsFile = None) -> None:
    """Show every token: whose, what for, where, until when. None of them can be shown again."""
    table = Table("token", "holder", "role", "stores", "expires", "state", header_style="bold")
    with _opened(settings) as (chosen, database):
        found = open_tokens(chosen, database).tokens()
    for token in found:
        table.add_row(
            token.token,
            escape(token.holder),
            token.role,
            ", ".join(token.stores),
            "never" if token.expires_us is None else f"{_when(token.expires_us):%Y-%m-%d}",
            _state(token),
        )
    out.print(table)


@tokens.command()
@clearly
def revoke(
    token: Annotated[str, typer.Argument(help="Its name in `token list`.")],
    settings: SettingsFile = None,
) -> None:
    """Refuse a token from now on."""
    with _opened(settings) as (chosen, database):
        open_tokens(chosen, database).revoke(token)
    out.print(f"{token}: revoked", highlight=False)


@contextmanager
def _opened(settings: Path | None) -> Iterator[tuple[Settings, Database]]:
    chosen = load_settings(settings)
    database = open_database(database_url(chosen))
    try:
        yield chosen, database
    finally:
        database.close()


def _when(time_us: int) -> datetime:
    return datetime.fromtimestamp(time_us // US_PER_S, tz=UTC)


def _state(token: ApiToken) -> str:
    if token.revoked_us is not None:
        return "[red]revoked[/]"
    expired = token.expires_us is not None and _when(token.expires_us) <= datetime.now(UTC)
    return "[red]expired[/]" if expired else "good"
