"""`python -m store_engine` is `store-engine`."""

from store_engine.cli import app

app(prog_name="store-engine")
