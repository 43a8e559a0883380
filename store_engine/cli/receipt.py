"""`store-engine receipt`: why is this line here?"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from store_engine.catalog import Catalog
from store_engine.cli.replaying import replay_file
from store_engine.cli.shared import NANOSTORE, StoreFolder, out
from store_engine.cli.shared import says_what_is_wrong as clearly
from store_engine.errors import StoreEngineError
from store_engine.messages import Receipt
from store_engine.store_files import load_store
from store_engine.units import US_PER_S

FAR_FETCHED = 0.001  # explanations below this do not make a cluster worth showing
EXPLANATIONS_SHOWN = 5
PEOPLE_SHOWN = 3


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
    catalog = load_store(store).catalog
    for receipt in wanted:
        _explain(receipt, result.replay.engine.explain(receipt.visit), line, catalog)


def _explain(
    receipt: Receipt, clusters: list[dict[str, Any]], gtin: str | None, catalog: Catalog
) -> None:
    out.rule(f"visit {receipt.visit}, account {receipt.account}")
    lines = [line for line in receipt.lines if gtin in (None, line.gtin)]
    if not lines:
        out.print("no such line" if gtin else "an empty visit: nothing was taken")
    for line in lines:
        charged = "charged" if line.charged else "not charged: not sure enough"
        sure = f"{line.posterior:.2%} sure, {charged}"
        out.print(f"\n[bold]{line.quantity} x {line.name}[/] ({line.gtin}): {sure}")
        out.print(f"  recorded messages: {', '.join(line.causes)}", style="dim")
        for cluster in clusters:
            if _is_about(cluster, line.gtin):
                out.print(_cluster_table(cluster, catalog))
                _print_people(cluster)


def _is_about(cluster: dict[str, Any], gtin: str) -> bool:
    """Whether an explanation that is not far-fetched moves this product."""
    return any(
        move["gtin"] == gtin and told["posterior"] >= FAR_FETCHED
        for told in cluster["explanations"]
        for move in told["moves"]
    )


def _cluster_table(cluster: dict[str, Any], catalog: Catalog) -> Table:
    plates = ", ".join(cluster["plates"])
    when = datetime.fromtimestamp(cluster["moment_us"] / US_PER_S, UTC)
    table = Table(
        title=f"{when:%H:%M:%S.%f} UTC, plate {plates}: "
        f"{cluster['change_g']:+.1f} g, give or take {cluster['std_g']:.1f} g",
        title_justify="left",
        header_style="bold",
    )
    table.add_column("what may have happened")
    table.add_column("posterior", justify="right")
    for told in cluster["explanations"][:EXPLANATIONS_SHOWN]:
        moves = "; ".join(_in_words(move, catalog) for move in told["moves"])
        table.add_row(moves or "nobody took or returned anything", f"{told['posterior']:.3%}")
    return table


def _in_words(move: dict[str, Any], catalog: Catalog) -> str:
    product = catalog.products[move["gtin"]]
    did = "took" if move["quantity"] > 0 else "put back"
    place = " (out of its place)" if move["astray"] else ""
    return f"{move['who']} {did} {abs(move['quantity'])} x {product.name}{place}"


def _print_people(cluster: dict[str, Any]) -> None:
    for near in sorted(cluster["distances"], key=lambda one: one["distance_m"])[:PEOPLE_SHOWN]:
        out.print(
            f"  {near['by']} of {near['who'] or near['track']} came within "
            f"{near['distance_m']:.2f} m of plate {near['plate']} ({near['cause']})",
            style="dim",
        )
