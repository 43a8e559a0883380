"""What deliberate confusion costs, and what it does to receipts.

    store-engine bench confusion --save

Sixteen people crowd before one row of gondolas and eight of ten things they do are meant to
confuse: goods are touched, lifted and set down, put back, put down in a wrong place and handed
over, hands rest on shelves, shoulder to shoulder. Beside it the suite's hardest crowds.

The engine may be less sure there. It may not stall, and it may not charge the wrong people:
told are the longest single `Engine.handle`, the costliest step, how far a live engine would have
fallen behind, on how many trips it asks a person, and the precision of what it charges. No budget
of reviews is set aside for this: a store's policy asks for at most 3 % of all trips, so what would
be asked without that limit is told as well.
"""
