"""What the commands share: options, errors as one clear line, receipts as a table."""

import functools
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, ParamSpec, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from store_engine.errors import StoreEngineError
from store_engine.messages import Receipt
from store_engine.units import format_money

P = ParamSpec("P")
T = TypeVar("T")

console = Console(stderr=True)  # for people; results that programs read go to standard output
out = Console()

StoreFolder = Annotated[
    Path,
    typer.Option("--store", help="Folder of the store's files.", envvar="STORE_ENGINE_STORE"),
]
NANOSTORE = Path("configs/nanostore")


def says_what_is_wrong(command: Callable[P, T]) -> Callable[P, T]:
    """Turn the engine's own errors into one line on standard error and exit status 1."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except StoreEngineError as error:
            console.print(f"[red]error:[/] {error}", highlight=False, soft_wrap=True)
            raise typer.Exit(1) from error

    return wrapped


def progress() -> Progress:
    """Return a progress bar on standard error."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


def receipts_table(receipts: Iterable[Receipt]) -> Table:
    """Return receipts as people read them, one line each product."""
    table = Table(title="Receipts", header_style="bold")
    for heading in ("visit", "account"):
        table.add_column(heading)
    table.add_column("item")
    for heading in ("quantity", "amount", "certainty"):
        table.add_column(heading, justify="right")
    for receipt in receipts:
        _add_receipt(table, receipt)
    return table


def _add_receipt(table: Table, receipt: Receipt) -> None:
    def money(amount: int) -> str:
        return format_money(amount, currency=receipt.currency, exponent=receipt.currency_exponent)

    for line in receipt.lines:
        amount = money(line.reduced) if line.charged else "not charged"
        table.add_row(
            receipt.visit,
            receipt.account,
            f"{line.name} [dim]{line.gtin}[/]",
            str(line.quantity),
            amount,
            f"{line.posterior:.1%}",
        )
    total = f"[bold]{money(receipt.total)}[/]"
    table.add_row(receipt.visit, receipt.account, "[bold]total with tax[/]", "", total, "")
    table.add_section()
