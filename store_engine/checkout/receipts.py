"""From a belief over quantities to a receipt in money: the only place that speaks both."""

from store_engine.checkout.tab import Tab
from store_engine.errors import InvariantError
from store_engine.events import AlertRaised, event_id
from store_engine.messages import Alert, Receipt, ReceiptLine
from store_engine.signals import CartBelief, LineBelief
from store_engine.store import Store


def write_receipt(tab: Tab, belief: CartBelief, store: Store) -> Receipt:
    """Return the receipt of a visit; every total is the sum of its charged lines.

    Raises:
        InvariantError: the belief names a product twice or one that the catalog lacks, or a
            quantity below one.
    """
    _check(belief)
    lines = tuple(_line(line, store) for line in belief.lines)
    charged = [line for line in lines if line.charged]
    subtotal = sum(line.amount for line in charged)
    tax = sum(line.tax for line in charged)
    included = store.catalog.prices_include_tax
    return Receipt(
        receipt=f"{store.map.store}.{tab.visit}",
        store=store.map.store,
        visit=tab.visit,
        account=tab.account,
        entered_us=tab.entered_us,
        left_us=belief.time_us if tab.left_us is None else tab.left_us,
        lines=lines,
        subtotal=subtotal,
        tax=tax,
        total=subtotal if included else subtotal + tax,
        currency=store.catalog.currency,
        currency_exponent=store.catalog.currency_exponent,
        prices_include_tax=included,
        certainty=min(1.0, max(0.0, belief.certainty)),
    )


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


def _line(line: LineBelief, store: Store) -> ReceiptLine:
    product, amount, tax, _ = store.catalog.price(line.gtin, line.quantity)
    return ReceiptLine(
        gtin=line.gtin,
        name=product.name,
        quantity=line.quantity,
        unit_price=product.price,
        amount=amount,
        tax_class=product.tax_class,
        tax=tax,
        # sums of floats exceed 1 by a rounding error now and then; a receipt may not
        posterior=min(1.0, max(0.0, line.posterior)),
        charged=line.posterior >= store.policy.charge_above,
        causes=line.causes,
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
