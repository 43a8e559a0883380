"""An open engine for just-walk-out shops.

    sensors ─MQTT─▶ intake ─▶ ordering ─▶ tracking ─┬▶ visits ─┐
                    (refuse)  (event time)  [m]     │ [people] │
                                 └──────▶ shelves ──┴──────────┴▶ attribution ─▶ cart ─▶ checkout
                                            [g]                  [probability]   [qty]   [money]
                                                                                            │
       desk, till ◀─ effects ◀─ events (durable: carts, receipts, charges, alerts) ◀────────┘
        │  └─ answers come back through the front door, as messages
        ▼
    office: access [who may come in], payments [what became of the money], complaints [claims];
    its front doors are `web` and `cli`, and it may run as a process of its own

The core (`Engine` and the rooms) has no clock, no socket, no file and no global randomness:
live, replay and simulation run the same `Engine.handle(arrival) -> list[Event]`.
"""

from store_engine.engine import Engine
from store_engine.intake import FrontDoor, Refusal
from store_engine.messages import Arrival, Message
from store_engine.replay import replay
from store_engine.store import Policy, Store
from store_engine.store_files import load_store

__all__ = [
    "Arrival",
    "Engine",
    "FrontDoor",
    "Message",
    "Policy",
    "Refusal",
    "Store",
    "load_store",
    "replay",
]
