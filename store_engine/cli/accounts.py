"""`store-engine accounts`: who may come in, what they present, how they pay; codes and keys."""

import io
from pathlib import Path
from typing import Annotated

import segno
import typer
from rich.markup import escape
from rich.table import Table

from store_engine.cli.account_keys import app as keys
from store_engine.cli.front_office import DatabaseUrl, SettingsFile, front_office, moment
from store_engine.cli.shared import NANOSTORE, StoreFolder, console, out
from store_engine.cli.shared import says_what_is_wrong as clearly
from store_engine.errors import RequestError
from store_engine.office.key_ring import CODE_LIFETIME_S
from store_engine.promotions import Role
from store_engine.store_files import load_accounts, load_store

app = typer.Typer(help="Who may come in, and how they pay.", no_args_is_help=True)
app.add_typer(keys, name="keys")

Name = Annotated[str, typer.Argument(help="The account's id.")]


# ---- accounts ----------------------------------------------------------------------------------


@app.command()
@clearly
def add(
    account: Name,
    name: Annotated[str, typer.Option(help="How people call its holder.")] = "",
    role: Annotated[str, typer.Option(help="staff, picker, restocker or tester.")] = "",
    member: Annotated[bool, typer.Option("--member", help="Member prices.")] = False,
    adult: Annotated[bool, typer.Option("--adult", help="Their age was checked.")] = False,
    method: Annotated[
        list[str] | None, typer.Option(help="The provider's token; the favourite first.")
    ] = None,
    credential: Annotated[
        list[str] | None, typer.Option(help="What they present: a printed code, a card's token.")
    ] = None,
    people: Annotated[int, typer.Option(help="How many each credential admits at once.")] = 1,
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
) -> None:
    """Open an account."""
    with front_office(settings, database) as office:
        office.registry.add(
            account,
            name=name,
            role=_role(role),
            member=member,
            adult=adult,
            credentials=credential or (),
            people=people,
            methods=method or (),
        )
    out.print(f"account {account} opened", markup=False)


@app.command("import")
@clearly
def import_(
    file: Annotated[Path, typer.Argument(help="A file like accounts.toml.")],
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
) -> None:
    """Open the accounts of a file that are not there yet."""
    with front_office(settings, database) as office:
        opened = office.registry.import_accounts(load_accounts(file).accounts)
    out.print(f"{opened} accounts opened")


@app.command("list")
@clearly
def list_(settings: SettingsFile = None, database: DatabaseUrl = None) -> None:
    """List all accounts."""
    table = Table("account", "name", "role", "member", "adult", "blocked", header_style="bold")
    with front_office(settings, database) as office:
        after = ""
        while page := office.accounts.accounts(after=after):
            for one in page:
                marks = ("yes" if flag else "" for flag in (one.member, one.adult))
                table.add_row(*map(escape, (one.account, one.name, one.role, *marks, one.blocked)))
            after = page[-1].account
    out.print(table)


@app.command()
@clearly
def show(account: Name, settings: SettingsFile = None, database: DatabaseUrl = None) -> None:
    """Show what an account presents at a gate, and how it pays."""
    with front_office(settings, database) as office:
        row = office.registry.account(account)
        credentials = office.accounts.credentials_of(account)
        methods = office.accounts.methods_of(account)
    since = moment(row.created_us)
    out.print(f"{row.account} {row.name} {row.role}".strip() + f", since {since}", markup=False)
    if row.blocked:
        out.print(f"blocked: {row.blocked}", markup=False)
    for one in credentials:
        until = "" if one.expires_us is None else f", until {moment(one.expires_us)}"
        state = ", revoked" if one.revoked else until
        out.print(f"presents {one.handle} ({one.kind}, {one.people} people{state})", markup=False)
    for method in methods:
        out.print(f"pays by {method.method}: {method.token}", markup=False)


@app.command()
@clearly
def block(
    account: Name,
    why: Annotated[str, typer.Option(help="Told at the gate; left out: they may come in again.")],
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
) -> None:
    """Let an account in no more; with an empty --why, let it in again."""
    with front_office(settings, database) as office:
        office.registry.block(account, why)
    out.print(f"account {account}: {'blocked' if why else 'may come in'}", markup=False)


@app.command()
@clearly
def methods(
    account: Name,
    add: Annotated[str, typer.Option(help="One more token of the provider.")] = "",
    remove: Annotated[str, typer.Option(help="The name of a method to forget.")] = "",
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
) -> None:
    """Show an account's payment methods, favourite first; add or remove one."""
    with front_office(settings, database) as office:
        office.registry.account(account)
        if add:
            office.registry.add_method(account, add)
        if remove:
            office.accounts.remove_method(account, remove)
        for method in office.accounts.methods_of(account):
            out.print(f"{method.method}: {method.token}", markup=False)


# ---- what they present -------------------------------------------------------------------------


@app.command()
@clearly
def code(
    account: Name,
    store: StoreFolder = NANOSTORE,
    people: Annotated[int, typer.Option(help="How many come in on it.")] = 1,
    seconds: Annotated[int, typer.Option(help="How long it is good for.")] = CODE_LIFETIME_S,
    anywhere: Annotated[bool, typer.Option("--anywhere", help="Good in every store.")] = False,
    save: Annotated[Path | None, typer.Option(help="Save it as PNG or SVG, too.")] = None,
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
) -> None:
    """Show an entry code as a phone would: signed, short-lived, good once."""
    where = "*" if anywhere else str(load_store(store).map.store)
    with front_office(settings, database) as office:
        text = office.registry.issue_code(account, store=where, people=people, lifetime_s=seconds)
    _show_code(text, save)
    console.print(f"good for {seconds} s, once, for {people}", highlight=False)


@app.command()
@clearly
def badge(
    account: Name,
    save: Annotated[Path | None, typer.Option(help="Save it as PNG or SVG, too.")] = None,
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
) -> None:
    """Make a badge for somebody who works here; it is shown this once."""
    with front_office(settings, database) as office:
        text = office.registry.add_badge(account)
    _show_code(text, save)


def _show_code(text: str, save: Path | None) -> None:
    drawn = segno.make(text, error="m")
    if save is not None:
        if save.suffix not in (".png", ".svg"):
            raise RequestError(f"{save}: saved as .png or .svg only")
        drawn.save(str(save), scale=6)
    picture = io.StringIO()
    drawn.terminal(out=picture, compact=True)
    out.file.write(picture.getvalue())
    out.print(text, markup=False, highlight=False, soft_wrap=True)


def _role(text: str) -> Role:
    roles: tuple[Role, ...] = ("", "staff", "picker", "restocker", "tester")
    for role in roles:
        if role == text:
            return role
    raise RequestError(f"role {text!r}: {', '.join(roles[1:])}, or none for a shopper")
