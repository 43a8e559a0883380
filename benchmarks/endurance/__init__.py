"""One engine, kept alive over a simulated day: does anything grow?

    store-engine bench endurance --hours 12 --save      (the whole day: about 40 minutes)
    store-engine bench endurance --hours 2

The day is made of pieces of a quarter of an hour or so, each simulated beforehand in a process of
its own: a quiet stretch, then shoppers by the hour's rate, then everybody leaves. Between pieces
every device starts again (a new `boot`, its sequence from 0), a second of silence lies between,
and each plate goes on from the level where it was. What the simulator restocks meanwhile is
therefore never seen: the engine has to live with shelves that never run empty.

After every half hour of store time, with the shop empty, this process's memory and the size of
`Engine.snapshot()` by room are noted, and what a minute of store time cost.
"""
