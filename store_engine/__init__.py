"""An open engine for just-walk-out shops.

    sensors ─MQTT─▶ intake ─▶ ordering ─▶ tracking ─┬▶ visits ─┐
                    (refuse)  (event time)  [m]     │ [people] │
                                 └──────▶ shelves ──┴──────────┴▶ attribution ─▶ cart ─▶ checkout
                                            [g]                  [probability]   [qty]   [money]
                                                                                            │
    accounts, payments ◀─ effects ◀─ events (durable: carts, receipts, charges, alerts) ◀───┘
         └─ answers come back through the front door, as messages

The core (`Engine` and the rooms) has no clock, no socket, no file and no global randomness:
live, replay and simulation run the same `Engine.handle(arrival) -> list[Event]`.
"""
