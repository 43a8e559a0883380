"""The command line, `store-engine`: one small file per command group."""

import typer

from store_engine.cli import demo, importing, inspect, receipt, record, replay, run, simulate

app = typer.Typer(
    name="store-engine",
    help="An engine for just-walk-out shops: sensors in, one explained charge per shopper out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("demo")(demo.demo)
app.command("run")(run.run)
app.command("simulate")(simulate.simulate)
app.command("record")(record.record)
app.command("replay")(replay.replay)
app.add_typer(importing.app, name="import")
app.command("inspect")(inspect.inspect)
app.add_typer(receipt.app, name="receipt")
