"""The office: who may come in, what they owe, and how it is put right.

    EntryRequested ─▶ Desk ─▶ access (decides) ─▶ party          Registry (accounts, keys, codes)
                        └─ open ─▶ Till
    ChargeRequested, ReleaseRequested ─▶ Till ─▶ payments (decides) ─▶ Books
                                          └─▶ Cashier ─ Asked ─▶ Provider ─ Answered ─▶ Books
    a shopper's claim ─▶ Counter ─▶ complaints (decides) ─▶ Till (refund)
    what is due ─▶ Worker ─▶ Cashier
    provider's notices ─▶ Mailbox (HTTP), BoardReader ─▶ heed ─▶ Till
    what was decided ─▶ webhooks ─▶ a retailer's back end

Services load, decide, keep, and only then act: killed at any line, the next one goes on from the
books. They import the rooms that decide, words and ports; `app.office` hands them their adapters.
"""
