"""Goods that not everybody may buy: staff are told at the shelf, and nobody is charged unseen.

Staff may look at a shopper until the cart is final, and the last look counts, even against what
their account says. What is still held then is charged by nobody but a person at the counter.
"""

import msgspec

from store_engine.catalog import Catalog
from store_engine.checkout.tab import Tab
from store_engine.events import AlertRaised, Event, event_id
from store_engine.messages import AgeChecked, Alert
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


def age_checked(
    tab: Tab | None, checked: AgeChecked, store: str, *, time_us: int
) -> tuple[Tab | None, list[Event]]:
    """Return the tab after somebody looked at its shopper, and the word that they did.

    None, or a tab that is settled: the look came too late, and whoever looked is told.
    """
    if tab is None or tab.state != "shopping":
        text = (
            f"visit {checked.visit}: not in the shop, so the look of {checked.by} changes nothing"
        )
        return tab, [_looked("age_check_late", text, checked, store, time_us)]
    found = "old enough" if checked.adult else "not old enough"
    shopper = msgspec.structs.replace(tab.shopper, adult=checked.adult)
    tab = msgspec.structs.replace(tab, shopper=shopper)
    text = f"visit {checked.visit}: {checked.by} looked at the shopper, who is {found}"
    return tab, [_looked("age_checked", text, checked, store, time_us)]


def _looked(kind: str, text: str, checked: AgeChecked, store: str, time_us: int) -> AlertRaised:
    event = event_id(store, checked.visit, kind, checked.ref)
    alert = Alert(
        alert=event,
        store=store,
        time_us=time_us,
        kind=kind,
        text=text,
        about=checked.visit,
        causes=(checked.ref,),
    )
    return AlertRaised(event=event, time_us=time_us, causes=(checked.ref,), alert=alert)
