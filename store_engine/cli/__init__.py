"""The command line, `store-engine`: one small file per command group."""

import typer

from store_engine.cli.accounts import app as accounts
from store_engine.cli.bench import app as bench
from store_engine.cli.calibrate import app as calibrations
from store_engine.cli.camera import camera
from store_engine.cli.database import app as databases
from store_engine.cli.demo import demo
from store_engine.cli.devices import app as devices
from store_engine.cli.importing import app as imports
from store_engine.cli.inspect import inspect
from store_engine.cli.office import app as office
from store_engine.cli.privacy import app as privacy
from store_engine.cli.receipt import app as receipts
from store_engine.cli.record import record
from store_engine.cli.replay import replay
from store_engine.cli.run import run
from store_engine.cli.simulate import simulate
from store_engine.cli.vouchers import app as vouchers

app = typer.Typer(
    name="store-engine",
    help="An engine for just-walk-out shops: sensors in, one explained charge per shopper out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("demo")(demo)
app.command("run")(run)
app.command("simulate")(simulate)
app.command("record")(record)
app.command("camera")(camera)
app.add_typer(calibrations, name="calibrate")
app.command("replay")(replay)
app.add_typer(imports, name="import")
app.command("inspect")(inspect)
app.add_typer(receipts, name="receipt")
app.add_typer(databases, name="database")
app.add_typer(bench, name="bench")
app.add_typer(devices, name="devices")
app.add_typer(accounts, name="accounts")
app.add_typer(vouchers, name="vouchers")
app.add_typer(office, name="office")
app.add_typer(privacy, name="privacy")
