"""`store-engine devices`: who may speak at the store's broker."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Column, Table

from store_engine.adapters.broker_security.access_folder import AccessFolder, Holder
from store_engine.adapters.broker_security.certificates import AUTHORITY_DAYS, CLIENT_DAYS
from store_engine.adapters.broker_security.client_files import ClientFiles
from store_engine.adapters.broker_security.mosquitto import PORT, BrokerPlan
from store_engine.cli.shared import NANOSTORE, StoreFolder, console, out
from store_engine.cli.shared import says_what_is_wrong as clearly
from store_engine.errors import ConfigError
from store_engine.store_files import load_store

EXPIRES_SOON = timedelta(days=30)  # time to send somebody round (guess)

app = typer.Typer(help="Certificates and rights at the broker.", no_args_is_help=True)

Folder = Annotated[
    Path, typer.Option("--in", help="The folder that `devices init` made.", file_okay=False)
]
SECURE = Path("secure")


@app.command()
@clearly
def init(
    store: StoreFolder = NANOSTORE,
    to: Annotated[Path, typer.Option(help="Folder to make.", file_okay=False)] = SECURE,
    listen: Annotated[str, typer.Option(help="The address the broker binds to.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="... and the port.", min=1, max=65_535)] = PORT,
    host: Annotated[
        list[str] | None,
        typer.Option(help="A name or address devices reach it under; several times for several."),
    ] = None,
    broker_folder: Annotated[
        Path | None,
        typer.Option(help="Where the broker's machine keeps these files; else where they are."),
    ] = None,
    run_as: Annotated[
        str, typer.Option(help="The user a broker that root starts becomes.")
    ] = "mosquitto",
) -> None:
    """Make an authority for this store, and a mosquitto configuration that trusts only it."""
    hosts = tuple(host) if host else (listen,)
    plan = BrokerPlan(listen=listen, hosts=hosts, port=port, folder=broker_folder, run_as=run_as)
    begun = AccessFolder.begin(to, load_store(store).map, plan, now=datetime.now(UTC))
    out.print(f"{begun.broker}: a broker for {', '.join(hosts)} on port {port}", highlight=False)
    console.print("keep authority/ somewhere safe; give broker/ to the broker's user")


@app.command()
@clearly
def enroll(
    names: Annotated[list[str] | None, typer.Argument(help="Devices of the store map.")] = None,
    store: StoreFolder = NANOSTORE,
    folder: Folder = SECURE,
    everybody: Annotated[
        bool, typer.Option("--all", help="Every device of the store that has no certificate.")
    ] = False,
    engine: Annotated[bool, typer.Option("--engine", help="The engine itself.")] = False,
    observers: Annotated[
        list[str] | None,
        typer.Option("--observer", help="Who only listens, by any name: a screen, a recorder."),
    ] = None,
    broker: Annotated[bool, typer.Option("--broker", help="Renew the broker's own.")] = False,
    days: Annotated[
        int, typer.Option(help="How long it is good for.", min=1, max=AUTHORITY_DAYS)
    ] = CLIENT_DAYS,
) -> None:
    """Give devices a key and a certificate; again for one that has them: renew."""
    access, now = _open(folder, store), datetime.now(UTC)
    chosen = [*(names or ()), *(_without(access, store, now) if everybody else ())]
    if not (chosen or everybody or observers or engine or broker):
        raise ConfigError("enroll whom? Name devices, or say --all, --engine, --observer, --broker")
    made = [access.enroll(name, now=now, days=days) for name in chosen]
    made += [access.enroll_observer(name, now=now, days=days) for name in observers or ()]
    for folder_made in made:
        out.print(folder_made, highlight=False, soft_wrap=True)
    if engine:
        its_own = access.enroll_engine(now=now, days=days)
        out.print(_engine_settings(access, its_own), markup=False, highlight=False, soft_wrap=True)
    if broker:
        access.renew_broker(now=now)
        out.print(access.broker, highlight=False, soft_wrap=True)
    _say_restart(access)


@app.command(name="list")
@clearly
def list_(store: StoreFolder = NANOSTORE, folder: Folder = SECURE) -> None:
    """Show every certificate: whose, what it is, until when, revoked or not."""
    serial = Column("serial", overflow="fold")
    table = Table("name", "kind", serial, "expires", "state", header_style="bold")
    now = datetime.now(UTC)
    for holder in _open(folder, store).holders():
        table.add_row(
            escape(holder.name),
            holder.kind or "[yellow]not in the store map[/]",
            holder.serial,
            f"{holder.expires:%Y-%m-%d}",
            _state(holder, now),
        )
    out.print(table)


@app.command()
@clearly
def revoke(
    name: Annotated[str, typer.Argument(help="A device, or store-engine.")],
    store: StoreFolder = NANOSTORE,
    folder: Folder = SECURE,
    only_older: Annotated[
        bool, typer.Option("--only-older", help="Keep its latest certificate, after a renewal.")
    ] = False,
) -> None:
    """Revoke every certificate of a device and its right to publish."""
    access = _open(folder, store)
    count = access.revoke(name, now=datetime.now(UTC), only_older=only_older)
    out.print(f"{name}: certificates revoked: {count}", highlight=False)
    _say_restart(access)


def _open(folder: Path, store: Path) -> AccessFolder:
    return AccessFolder(folder, load_store(store).map)


def _without(access: AccessFolder, store: Path, now: datetime) -> list[str]:
    """Return the devices of the store map that hold no certificate in force."""
    holding = {one.name for one in access.holders() if not one.revoked and one.expires > now}
    return sorted(set(load_store(store).map.devices) - holding)


def _state(holder: Holder, now: datetime) -> str:
    if holder.revoked:
        return f"[red]revoked {holder.revoked:%Y-%m-%d}[/]"
    if holder.expires <= now:
        return "[red]expired[/]"
    return "[yellow]expires soon[/]" if holder.expires - now < EXPIRES_SOON else "good"


def _engine_settings(access: AccessFolder, made: Path) -> str:
    """Return the [broker] table of the settings of `store-engine run`."""
    files = ClientFiles.within(made)._asdict()
    return "\n".join(
        (
            "[broker]",
            f'host = "{access.broker_hosts()[0]}"',
            f"port = {access.broker_port()}",
            "tls = true",
            *(f'{setting} = "{path}"' for setting, path in files.items()),
        )
    )


def _say_restart(access: AccessFolder) -> None:
    console.print(
        f"restart the broker: it reads {access.broker} as it starts, and keeps its queues",
        highlight=False,
        soft_wrap=True,
    )
