"""What the demo shows: carts as they fill, receipts as they come, and the truth at the end."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sim.scene import Truth
from sim.truth import owed_by
from store_engine.adapters.mqtt import caught_up_topic
from store_engine.errors import StoreEngineError
from store_engine.messages import Alert, LiveCart, Receipt
from store_engine.scoring import baskets_of, score
from store_engine.store import Store
from store_engine.topics import topic_for
from store_engine.units import format_money

START_S = 30.0
ALERTS_SHOWN = 4
CAUGHT_UP_TOPIC = caught_up_topic("+")  # what an engine says to itself once it is subscribed


class Board:
    """The live table. Filled from the network's thread, drawn from the main one."""

    def __init__(
        self, *, visits: int, store: Store, who: Callable[[str], str] = lambda party: party
    ) -> None:
        """`who` says which account is behind a pseudonym: here everybody may know."""
        self._store = store
        self._who = who
        self._started_s = time.monotonic()
        self._expected = visits
        self._carts: dict[str, LiveCart] = {}
        self._receipts: dict[str, Receipt] = {}
        self._alerts: list[Alert] = []
        self._lock = threading.Lock()

    @property
    def receipts_seen(self) -> int:
        """How many visits have their receipt."""
        return len(self._receipts)

    def begin(self) -> None:
        """Store time starts now."""
        self._started_s = time.monotonic()

    def until(self, done: Callable[[], bool], *, wait_s: float) -> None:
        """Let the show go on until `done`, at most `wait_s` seconds."""
        give_up_s = time.monotonic() + wait_s
        while not done() and time.monotonic() < give_up_s:
            time.sleep(0.1)

    def hear(self, said: LiveCart | Receipt | Alert) -> None:
        """Take in what the engine published."""
        with self._lock:
            match said:
                case LiveCart():
                    self._carts[said.visit] = said
                case Receipt():
                    self._receipts[said.visit] = said
                case Alert():
                    self._alerts.append(said)

    def __rich__(self) -> RenderableType:
        with self._lock:
            seconds = time.monotonic() - self._started_s
            table = Table(
                title=f"{self._store.map.store}, {seconds:.0f} s: {len(self._carts)} visits, "
                f"{len(self._receipts)} of {self._expected} receipts",
                header_style="bold",
                expand=True,
            )
            table.add_column("visit", no_wrap=True)
            table.add_column("state", no_wrap=True)
            table.add_column("cart", ratio=1)
            table.add_column("total", justify="right", no_wrap=True)
            for visit, cart in self._carts.items():
                self._add_row(table, visit, cart)
            alerts = [
                Text(f"alert: {alert.kind}: {alert.text}", style="yellow")
                for alert in self._alerts[-ALERTS_SHOWN:]
            ]
            return Group(table, *alerts)

    def _add_row(self, table: Table, visit: str, cart: LiveCart) -> None:
        receipt = self._receipts.get(visit)
        if receipt is None:
            items = ", ".join(f"{line.quantity} x {line.name}" for line in cart.lines)
            table.add_row(visit, "shopping", items, self._money(cart.total))
            return
        charged = [line for line in receipt.lines if line.charged]
        items = ", ".join(f"{line.quantity} x {line.name}" for line in charged)
        who = self._who(receipt.account)
        state = f"[green]{who} charged[/]" if receipt.total else f"{who} left with nothing"
        table.add_row(visit, state, items, f"[bold]{self._money(receipt.total)}[/]")

    def _money(self, amount: int) -> str:
        catalog = self._store.catalog
        return format_money(amount, currency=catalog.currency, exponent=catalog.currency_exponent)


class Listening:
    """A subscriber that feeds the board, for the length of a `with` block.

    It also notices when the engine listens: whatever devices say before that is lost.
    """

    def __init__(self, host: str, port: int, store: str, board: Board) -> None:
        self._board = board
        self._subscribed, self._engine_listens = threading.Event(), threading.Event()
        said: tuple[type[LiveCart | Receipt | Alert], ...] = (LiveCart, Receipt, Alert)
        self._topics = {
            topic_for(one).pattern.format(store=store, id="+"): msgspec.json.Decoder(one).decode
            for one in said
        }
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="store-engine-demo")
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_message = self._on_message
        self._client.connect_async(host, port)

    def __enter__(self) -> "Listening":
        self._client.loop_start()
        _wait(self._subscribed, "the broker did not answer")
        return self

    def __exit__(self, *exc: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def wait_for_engine(self) -> None:
        """Return once the engine has subscribed to everything it listens to."""
        _wait(self._engine_listens, "the engine did not start to listen")

    def _on_connect(self, client: mqtt.Client, *_: Any) -> None:
        client.subscribe([(topic, 1) for topic in (*self._topics, CAUGHT_UP_TOPIC)])

    def _on_message(self, _client: Any, _userdata: Any, message: mqtt.MQTTMessage) -> None:
        if mqtt.topic_matches_sub(CAUGHT_UP_TOPIC, message.topic):
            self._engine_listens.set()
        if not message.payload:  # a withdrawn cart
            return
        for topic, decode in self._topics.items():
            if mqtt.topic_matches_sub(topic, message.topic):
                self._board.hear(decode(message.payload))


def _wait(event: threading.Event, complaint: str) -> None:
    if not event.wait(START_S):
        raise StoreEngineError(f"{complaint} within {START_S:.0f} s")


def comparison(receipts: list[Receipt], truth: Truth, store: Store) -> RenderableType:
    """Return a table of what each account took and was charged for, and the score."""
    charged, owed = baskets_of(receipts), owed_by(truth)
    names = {gtin: product.name for gtin, product in store.catalog.products.items()}
    table = Table(title="Charged against the truth", header_style="bold", expand=True)
    for heading in ("account", "truly took", "charged for", ""):
        table.add_column(heading)
    for account in sorted({*charged, *owed}):
        right = +Counter(charged.get(account, {})) == +Counter(owed.get(account, {}))
        table.add_row(
            account,
            _items(owed.get(account, {}), names),
            _items(charged.get(account, {}), names),
            "[green]right[/]" if right else "[red]wrong[/]",
        )
    prices = {str(gtin): product.price for gtin, product in store.catalog.products.items()}
    result = score(charged=charged, owed=owed, prices=prices)
    return Group(
        table,
        f"items F1 {result.f1:.3f}, exact receipts {result.exact} of {result.shoppers}, "
        f"money error {result.money_error:.1%}",
    )


def _items(basket: Mapping[str, int], names: Mapping[Any, str]) -> str:
    items = [
        f"{count} x {names.get(gtin, gtin)}" for gtin, count in sorted(basket.items()) if count
    ]
    return "\n".join(items) or "nothing"
