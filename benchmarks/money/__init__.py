"""Money under load and under fire: many visits through checkout, the office and a provider.

    door.py       a store without shelves: what a visit took is drawn from its name
    shop.py       a process: the real service around that store, the real office behind it
    traffic.py    what the gate says, with repeats and in disorder
    audit.py      charged = owed, from three books: truth, ours, the provider's
    campaign.py   kills, lost answers, cut connections, clock jumps: still charged = owed
    load.py       how long from the exit to the captured charge and to the receipt's page

Everything from the broker to the provider's ledger is what a shop runs; only sensing is left out.
"""
