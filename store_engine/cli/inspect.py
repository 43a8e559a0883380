"""`store-engine inspect`: what is in a recording; repairs a truncated one."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from store_engine.adapters.recording_tools import describe
from store_engine.adapters.recording_tools import repair as repair_file
from store_engine.cli.shared import out
from store_engine.cli.shared import says_what_is_wrong as clearly


@clearly
def inspect(
    recording: Annotated[Path, typer.Argument(help="A recording (.mcap).")],
    repair: Annotated[
        Path | None, typer.Option(help="Write what can be read as a whole recording here.")
    ] = None,
) -> None:
    """Say what a recording holds: devices, topics, rates, and whether it is whole."""
    summary = describe(recording)
    started = datetime.fromtimestamp(summary.started_us / 1e6, UTC)
    out.print(
        f"{recording}: {summary.messages} messages, {summary.duration_s:.1f} s from "
        f"{started:%Y-%m-%d %H:%M:%S} UTC, {summary.file_bytes / 1e6:.1f} MB, "
        f"{len(summary.devices)} devices",
        soft_wrap=True,
    )
    for name, value in summary.metadata.items():
        out.print(f"  {name}: {value}")
    common = _common_prefix([topic.topic for topic in summary.topics])
    table = Table(title=f"topics under {common}", title_justify="left", header_style="bold")
    table.add_column("topic", overflow="fold")
    for heading in ("messages", "per second", "bytes each"):
        table.add_column(heading, justify="right")
    for topic in summary.topics:
        size = topic.payload_bytes / max(topic.messages, 1)
        name = topic.topic.removeprefix(common)
        table.add_row(name, str(topic.messages), f"{topic.rate_hz:.1f}", f"{size:.0f}")
    out.print(table)
    out.print(f"[yellow]{summary.damage}[/]" if summary.damage else "whole: yes", soft_wrap=True)
    if repair is not None:
        kept = repair_file(recording, repair)
        out.print(f"{repair}: {kept} messages kept", soft_wrap=True)


def _common_prefix(topics: list[str]) -> str:
    """Return the `stores/<store>/` that all topics share, "" when they share none."""
    prefixes = {"/".join(topic.split("/")[:2]) + "/" for topic in topics}
    return prefixes.pop() if len(prefixes) == 1 else ""
