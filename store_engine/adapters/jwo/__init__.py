"""The connectors of Amazon's Just Walk Out, so that a back end built for them works unchanged.

    gate scan ──▶ identity/identity-keys ─────────────▶ retailer     gate.py      (port `Accounts`)
    card tap ───▶ fraudandabuse/shopperauthorization ─▶ retailer
    exit ───────▶ order/purchases ────────────────────▶ retailer     purchases.py (port `Payments`)
    retailer ───▶ checkout/carts, adjust, capture, cancel, refund, payment-status   (`web/jwo.py`)

The retailer prices the goods. A shopping trip is a visit; its id is made of the party's name and so
is the same however often it is told. Facts: developer.amazon.com/docs/physicalstores, as far as it
is public; where it is silent, what is done here is marked *inferred*.
"""
