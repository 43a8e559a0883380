"""How the engine's cost grows with shoppers and with shelves.

    store-engine bench scaling --save

Three series, each a session with a stretch of 60 s that is measured once everybody is inside:

- *crowding*: 1, 2, 4, 8 ... shoppers in the nanostore, as far as its floor holds them;
- *shoppers*: 1 to 32 shoppers in a store of 96 shelves, large enough for all of them;
- *shelves*: 4 shoppers in stores of 10 to 300 shelves.

Cost is processor time of this one process per minute of store time, front door to receipt;
simulating is done before. The exponent of a series is the slope of log cost over log size: 1 is
linear. Part of the cost is there in an empty shop, which flatters that slope, so the slope of
what the shoppers (or shelves) add to it is given as well.
"""
