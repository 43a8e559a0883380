"""Goods that not everybody may buy: staff are told at the shelf, and nobody is charged unseen."""

import msgspec

from store_engine.catalog import Catalog
from store_engine.checkout.tab import Tab
from store_engine.events import AlertRaised, event_id
from store_engine.messages import Alert
from store_engine.signals import CartBelief, LineBelief
from store_engine.store import Store


def is_held(gtin: str, tab: Tab, book: Catalog) -> bool:
    """Whether a product waits for somebody to look at the shopper's age."""
    shopper = tab.shopper
    return book.product(gtin).minimum_age > 0 and not shopper.adult and not shopper.role


def check_ages(tab: Tab, belief: CartBelief, store: Store) -> tuple[Tab, list[AlertRaised]]:
    """Return an alert for each held product that is in the cart for the first time."""
    new = [
        line
        for line in belief.lines
        if line.gtin not in tab.age_checks and is_held(line.gtin, tab, store.catalog)
    ]
    told = (*tab.age_checks, *(line.gtin for line in new))
    alerts = [_alert(line, belief, store) for line in new]
    return (msgspec.structs.replace(tab, age_checks=told) if new else tab), alerts


def _alert(line: LineBelief, belief: CartBelief, store: Store) -> AlertRaised:
    product = store.catalog.product(line.gtin)
    event = event_id(store.map.store, belief.visit, "age_check", line.gtin)
    alert = Alert(
        alert=event,
        store=store.map.store,
        time_us=belief.time_us,
        kind="age_check",
        text=f"{product.name} ({line.gtin}) is for {product.minimum_age} and over: check the age "
        f"of the shopper of visit {belief.visit}; not charged until it is known",
        about=belief.visit,
        causes=line.causes,
    )
    return AlertRaised(event=event, time_us=belief.time_us, causes=line.causes, alert=alert)
