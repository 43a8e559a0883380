"""`store-engine replay`: a recording to events, carts and receipts."""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from store_engine.cli.replaying import Replayed, replay_file
from store_engine.cli.shared import NANOSTORE, StoreFolder, console, out, receipts_table
from store_engine.cli.shared import says_what_is_wrong as clearly
from store_engine.events import ChargeDeclined, ChargeSettled
from store_engine.web.receipt_page import render_receipt
from store_engine.web.receipt_papers import PaymentState


@clearly
def replay(
    recording: Annotated[Path, typer.Argument(help="A recording (.mcap).")],
    store: StoreFolder = NANOSTORE,
    speed: Annotated[
        float, typer.Option(help="1 is real time; 0 is as fast as it goes.", min=0.0)
    ] = 0.0,
    json: Annotated[
        bool, typer.Option("--json", help="Events as JSON lines on standard output.")
    ] = False,
    pages: Annotated[
        Path | None, typer.Option(help="Write each receipt here, as a page and as JSON.")
    ] = None,
) -> None:
    """Run a recording through the engine and show the receipts it decides.

    The same recording always gives the same bytes.
    """
    result = replay_file(recording, store, speed=speed)
    if json:
        encode = msgspec.json.Encoder().encode
        for event in result.events:
            sys.stdout.buffer.write(encode(event) + b"\n")
        sys.stdout.flush()
    else:
        out.print(receipts_table(result.receipts))
    if pages is not None:
        _write_pages(result, pages)
    _say_how_it_went(result)


def _write_pages(result: Replayed, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    paid = _payments(result)
    for receipt in result.receipts:
        page = render_receipt(receipt, paid=paid[receipt.visit])
        (folder / f"{receipt.visit}.html").write_text(page)
        (folder / f"{receipt.visit}.json").write_bytes(
            msgspec.json.format(msgspec.json.encode(receipt), indent=2)
        )
    console.print(f"wrote {len(result.receipts)} receipts to {folder}", soft_wrap=True)


def _payments(result: Replayed) -> dict[str, PaymentState]:
    states: dict[str, PaymentState] = {
        receipt.visit: "pending" if receipt.total else "nothing owed" for receipt in result.receipts
    }
    for event in result.events:
        if isinstance(event, ChargeSettled):
            states[event.visit] = "charged"
        elif isinstance(event, ChargeDeclined):
            states[event.visit] = "declined"
    return states


def _say_how_it_went(result: Replayed) -> None:
    seconds = result.summary.duration_s
    console.print(
        f"{result.summary.messages} messages, {seconds:.1f} s of store time in "
        f"{result.wall_s:.1f} s ({seconds / max(result.wall_s, 1e-9):.0f} times real time), "
        f"{len(result.events)} events",
        soft_wrap=True,
    )
    if result.replay.refusals:
        first = result.replay.refusals[0].reason
        console.print(
            f"{len(result.replay.refusals)} payloads refused; the first: {first}", soft_wrap=True
        )
    if result.summary.damage:
        console.print(f"[yellow]{result.summary.damage}[/]", soft_wrap=True)
    for name, count in sorted(result.replay.engine.counters.items()):
        console.print(f"{name}: {count}")
