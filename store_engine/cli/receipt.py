"""`store-engine receipt`: why is this line here?"""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from store_engine.cli.replaying import replay_file
from store_engine.cli.shared import NANOSTORE, StoreFolder, console, out
from store_engine.cli.shared import says_what_is_wrong as clearly
from store_engine.errors import StoreEngineError
from store_engine.messages import Receipt, ReceiptLine

app = typer.Typer(help="Receipts and the evidence behind them.", no_args_is_help=True)


@app.callback()
def receipts() -> None:
    """Receipts and the evidence behind them."""


@app.command("explain")
@clearly
def explain(
    recording: Annotated[Path, typer.Argument(help="The recording the receipt came from.")],
    store: StoreFolder = NANOSTORE,
    visit: Annotated[str | None, typer.Option(help="Only this visit.")] = None,
    line: Annotated[str | None, typer.Option(help="Only this product (GTIN).")] = None,
) -> None:
    """Say why each line is on a receipt: the explanations that compete, and the evidence.

    The recording is replayed, so the answer rests on nothing but what was recorded.
    """
    result = replay_file(recording, store)
    wanted = [r for r in result.receipts if visit in (None, r.visit)]
    if not wanted:
        known = ", ".join(r.visit for r in result.receipts) or "none"
        raise StoreEngineError(f"no receipt of visit {visit} in {recording}; there are: {known}")
    for receipt in wanted:
        _explain(receipt, result.replay.engine.explain(receipt.visit), line)


def _explain(receipt: Receipt, clusters: list[dict[str, Any]], gtin: str | None) -> None:
    out.rule(f"visit {receipt.visit}, account {receipt.account}")
    lines = [line for line in receipt.lines if gtin in (None, line.gtin)]
    if not lines:
        out.print("no such line" if gtin else "an empty visit: nothing was taken")
    for line in lines:
        _explain_line(line)
    for cluster in clusters:
        if gtin is None or gtin in str(cluster["explanations"]):
            _explain_cluster(cluster)


def _explain_line(line: ReceiptLine) -> None:
    charged = "charged" if line.charged else "not charged: not sure enough"
    out.print(
        f"[bold]{line.quantity} x {line.name}[/] {line.gtin}: {line.posterior:.2%} sure, {charged}"
    )
    console.print(f"  recorded messages: {', '.join(line.causes)}", style="dim")


def _explain_cluster(cluster: dict[str, Any]) -> None:
    out.print(cluster)


__all__ = ["Table", "app"]
