"""`store-engine vouchers`: money off, once: issued, claimed, listed, taken back."""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Column, Table

from store_engine.cli.front_office import DatabaseUrl, SettingsFile, front_office, moment
from store_engine.cli.shared import NANOSTORE, StoreFolder, console, out
from store_engine.cli.shared import says_what_is_wrong as clearly
from store_engine.errors import RequestError
from store_engine.ports.vouchers import VoucherRow
from store_engine.promotions import PER_MILLION
from store_engine.store_files import load_store
from store_engine.units import US_PER_S, format_money

COLUMNS = ("account", "name", "off", "until", "state")
PERCENT_DECIMALS = 4  # 0.0001 % is one part per million

app = typer.Typer(help="Vouchers: money off a whole basket, once.", no_args_is_help=True)

Code = Annotated[str, typer.Argument(help="The voucher's code.")]


@app.command()
@clearly
def issue(
    account: Annotated[str, typer.Argument(help="Whose; left out: whoever claims it.")] = "",
    amount: Annotated[str, typer.Option(help="Money off, for example 5.00.")] = "",
    percent: Annotated[str, typer.Option(help="... or a share off, for example 10.")] = "",
    name: Annotated[str, typer.Option(help="As a receipt says it.")] = "Voucher",
    until: Annotated[
        datetime | None,
        typer.Option(help="The first day (UTC) it is no longer good.", formats=["%Y-%m-%d"]),
    ] = None,
    store: StoreFolder = NANOSTORE,
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
) -> None:
    """Issue a voucher, in the currency of a store; prints its code."""
    book = load_store(store).catalog
    with front_office(settings, database) as office:
        issued = office.vouchers.issue(
            account=account,
            name=name,
            amount=_whole("amount", amount, book.currency_exponent),
            currency=book.currency if amount else "",
            exponent=book.currency_exponent,
            rate_ppm=_whole("percent", percent, PERCENT_DECIMALS),
            until_us=None if until is None else _day_us(until),
        )
    console.print(f"for {account or 'whoever claims it'}", markup=False)
    out.print(issued.voucher, markup=False, highlight=False)


@app.command()
@clearly
def claim(
    voucher: Code,
    account: Annotated[str, typer.Argument(help="Whose it is from now on.")],
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
) -> None:
    """Give a voucher that is nobody's to whoever presents its code."""
    with front_office(settings, database) as office:
        office.vouchers.claim(voucher, account=account)
    out.print(f"voucher {voucher}: for {account}", markup=False)


@app.command("list")
@clearly
def list_(
    account: Annotated[str, typer.Argument(help="Whose; left out: all.")] = "",
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
) -> None:
    """List vouchers, newest first, and what became of them."""
    table = Table(Column("voucher", no_wrap=True), *COLUMNS, header_style="bold")
    with front_office(settings, database) as office:
        now_us = int(datetime.now(UTC).timestamp()) * US_PER_S
        for one in office.vouchers.all(account):
            until = "" if one.until_us is None else moment(one.until_us)
            state = one.state(now_us) + (f" by {one.receipt}" if one.used_us is not None else "")
            row = (one.voucher, one.account, one.name, _off(one), until, state)
            table.add_row(*map(escape, row))
    out.print(table)


@app.command()
@clearly
def void(voucher: Code, settings: SettingsFile = None, database: DatabaseUrl = None) -> None:
    """Take a voucher back; a shopper inside who brought it may still redeem it."""
    with front_office(settings, database) as office:
        office.vouchers.take_back(voucher)
    out.print(f"voucher {voucher}: void", markup=False)


def _day_us(day: datetime) -> int:
    return int(day.replace(tzinfo=UTC).timestamp()) * US_PER_S


def _off(voucher: VoucherRow) -> str:
    if voucher.rate_ppm:
        return f"{Decimal(voucher.rate_ppm * 100) / PER_MILLION:f} %"
    return format_money(voucher.amount, currency=voucher.currency, exponent=voucher.exponent)


def _whole(what: str, text: str, decimals: int) -> int:
    """Return what was typed in units of its last decimal, 0 for nothing."""
    try:
        scaled = Decimal(text or "0").scaleb(decimals)
        whole = int(scaled)
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise RequestError(f"{what} {text!r}: not a number") from error
    if whole != scaled:
        raise RequestError(f"{what} {text}: at most {decimals} decimals")
    return whole
