"""A receipt for milk, in euros, without a shop around it."""

from store_engine.messages import Receipt, ReceiptLine

MILK = "4006381333931"


def line(gtin=MILK, *, quantity=2, unit_price=250, charged=True, tax=0) -> ReceiptLine:
    """So much of a product; taxes are on top of its price."""
    return ReceiptLine(
        gtin=gtin,
        name="Milk",
        quantity=quantity,
        unit_price=unit_price,
        amount=quantity * unit_price,
        tax_class="food",
        tax=tax,
        posterior=0.9,
        charged=charged,
        owed=quantity * unit_price + tax if charged else 0,
        causes=("gondola-1/0/7",),
    )


def receipt(*lines) -> Receipt:
    """What these lines cost."""
    charged = [one for one in lines if one.charged]
    return Receipt(
        receipt="shop.door.0.1",
        store="shop",
        visit="door.0.1",
        account="shop.door.0.1",
        entered_us=0,
        left_us=60_000_000,
        lines=lines,
        subtotal=sum(one.amount for one in charged),
        tax=sum(one.tax for one in charged),
        total=sum(one.owed for one in lines),
        currency="EUR",
        currency_exponent=2,
        prices_include_tax=False,
    )
