"""From a belief over quantities to a receipt in money: the only place that speaks both."""

from store_engine.catalog import Catalog
from store_engine.checkout.age_checks import is_held
from store_engine.checkout.pricing import Item, PricedLine, at_shelf_price, price
from store_engine.checkout.tab import Tab
from store_engine.errors import InvariantError
from store_engine.events import AlertRaised, event_id
from store_engine.messages import Alert, Receipt, ReceiptLine
from store_engine.signals import CartBelief, LineBelief
from store_engine.store import Store


def write_receipt(tab: Tab, belief: CartBelief, store: Store) -> Receipt:
    """Return the receipt of a visit; every total is the sum of its lines.

    What is not charged (we are not sure of it, or the shopper's age) earns no promotion either.
    Whoever is at work here is charged nothing: what they carry is shown, and why it is free.

    Raises:
        InvariantError: the belief names a product twice or one that the catalog lacks, or a
            quantity below one.
    """
    _check(belief)
    book = store.catalog
    charged = [line for line in belief.lines if _is_charged(line, tab, store)]
    basket = price([*map(_item, charged)], book, tab.shopper, at_us=tab.entered_us)
    priced = {line.product.gtin: line for line in basket.lines}
    lines = tuple(_line(line, priced.get(line.gtin), tab, book) for line in belief.lines)
    return Receipt(
        receipt=f"{store.map.store}.{tab.visit}",
        store=store.map.store,
        visit=tab.visit,
        account=tab.account,
        entered_us=tab.entered_us,
        left_us=belief.time_us if tab.left_us is None else tab.left_us,
        lines=lines,
        subtotal=sum(line.amount for line in lines if line.charged),
        tax=sum(line.tax for line in lines if line.charged),
        total=sum(line.owed for line in lines),
        currency=book.currency,
        currency_exponent=book.currency_exponent,
        prices_include_tax=book.prices_include_tax,
        certainty=min(1.0, max(0.0, belief.certainty)),
        discount=sum(line.discount for line in basket.lines),
        redeemed=basket.redeemed,
        price_book=book.version,
        role=tab.shopper.role,
    )


def quote(tab: Tab, belief: CartBelief, book: Catalog) -> int:
    """Return what a visit would owe for everything in its cart, were it all charged."""
    if tab.shopper.role:
        return 0
    return price([*map(_item, belief.lines)], book, tab.shopper, at_us=tab.entered_us).owed


def _item(line: LineBelief) -> Item:
    return Item(line.gtin, line.quantity, line.mass_g)


def _is_charged(line: LineBelief, tab: Tab, store: Store) -> bool:
    sure = line.posterior >= store.policy.charge_above
    return sure and not tab.shopper.role and not is_held(line.gtin, tab, store.catalog)


def _check(belief: CartBelief) -> None:
    named = [line.gtin for line in (*belief.lines, *belief.doubts)]
    if len(set(named)) < len(named):
        raise InvariantError(f"visit {belief.visit}: a product is named twice in its final belief")
    for line in belief.lines:
        if line.quantity < 1:
            raise InvariantError(
                f"visit {belief.visit}: quantity {line.quantity} of product {line.gtin}, "
                "a line has at least 1"
            )


def _line(line: LineBelief, charged: PricedLine | None, tab: Tab, book: Catalog) -> ReceiptLine:
    shown = charged or at_shelf_price(_item(line), book)
    product = shown.product
    return ReceiptLine(
        gtin=line.gtin,
        name=product.name,
        quantity=line.quantity,
        unit_price=product.unit_price,
        amount=shown.amount,
        tax_class=product.tax_class,
        tax=shown.tax,
        # sums of floats exceed 1 by a rounding error now and then; a receipt may not
        posterior=min(1.0, max(0.0, line.posterior)),
        charged=charged is not None,
        causes=line.causes,
        mass_g=shown.mass_g,
        reductions=shown.reductions,
        tax_included=shown.tax_included,
        owed=shown.owed if charged else 0,
        held=is_held(line.gtin, tab, book),
        minimum_age=product.minimum_age,
    )


def doubts(belief: CartBelief, store: Store) -> list[AlertRaised]:
    """Return an alert for each product whose quantity, zero included, is not sure enough."""
    return [
        _doubt(line, belief, store)
        for line in (*belief.lines, *belief.doubts)
        if line.posterior < store.policy.charge_above
    ]


def _doubt(line: LineBelief, belief: CartBelief, store: Store) -> AlertRaised:
    name = store.catalog.price(line.gtin, line.quantity).product.name
    sure = f"{line.posterior:.0%} sure"
    text = (
        f"{line.quantity} x {name} ({line.gtin}) not charged: {sure}, "
        f"{store.policy.charge_above:.0%} needed"
        if line.quantity
        else f"{name} ({line.gtin}) may have been taken: {sure} that it was not"
    )
    event = event_id(store.map.store, belief.visit, "unsure_line", line.gtin)
    alert = Alert(
        alert=event,
        store=store.map.store,
        time_us=belief.time_us,
        kind="unsure_line",
        text=text,
        about=belief.visit,
        causes=line.causes,
    )
    return AlertRaised(event=event, time_us=belief.time_us, causes=line.causes, alert=alert)
