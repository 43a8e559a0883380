"""The states of a payment, and what may follow what."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

State: TypeAlias = Literal[
    "new",
    "asking",
    "held",
    "refused",
    "free",
    "leaving",
    "released",
    "waived",
    "owing",
    "in debt",
    "link offered",
    "written off",
    "paid",
    "refunded in part",
    "refunded",
    "disputed",
    "charged back",
]
Move: TypeAlias = Literal[
    "open", "open free", "open on trust", "hold", "refuse", "adjust",
    "owe", "owe nothing", "let go", "decline", "take part", "take all",
    "offer link", "write off", "refund part", "refund all", "refund none",
    "dispute", "win", "win in debt", "win written off", "win refunded in part", "win refunded",
    "lose",
]  # fmt: skip

# Read aloud. Whoever asks to come in is asked for a hold; with one they are held, without one they
# are refused (a store that asks for none trusts everybody). While they shop, it may be adjusted.
# At the exit they owe something or nothing. Who owes nothing leaves, and is released once the hold
# is let go. Who owes something has paid once all of it is taken; a decline, or a part taken, leaves
# them in debt. A debt may be taken from another method; then a link is offered; at last it is
# written off, and may be paid even then. What was paid may be refunded in part or whole (a refund
# that fails leads back), and disputed. A dispute that is won leads back to where the money stands;
# one that is lost is charged back. Staff are free: what they owe is waived.
# A move that the table does not have changes no state; money that moved is counted all the same.
MOVES: Mapping[State, Mapping[Move, State]] = {
    "new": {"open": "asking", "open free": "free", "open on trust": "held"},
    "asking": {
        "hold": "held",
        "refuse": "refused",
        "owe": "owing",
        "owe nothing": "leaving",
        "let go": "released",
    },
    "held": {"adjust": "held", "owe": "owing", "owe nothing": "leaving", "let go": "released"},
    "leaving": {"let go": "released"},
    "owing": {
        "take all": "paid",
        "take part": "in debt",
        "decline": "in debt",
        "offer link": "link offered",
    },
    "in debt": {
        "take all": "paid",
        "take part": "in debt",
        "offer link": "link offered",
        "write off": "written off",
        "dispute": "disputed",
    },
    "link offered": {
        "take all": "paid",
        "take part": "link offered",
        "write off": "written off",
        "dispute": "disputed",
    },
    "written off": {
        "take all": "paid",
        "refund part": "written off",
        "refund all": "written off",
        "dispute": "disputed",
    },
    "paid": {"refund part": "refunded in part", "refund all": "refunded", "dispute": "disputed"},
    "refunded in part": {
        "refund part": "refunded in part",
        "refund all": "refunded",
        "refund none": "paid",
        "dispute": "disputed",
    },
    "refunded": {
        "refund part": "refunded in part",
        "refund none": "paid",
        "dispute": "disputed",
    },
    "disputed": {
        "win": "paid",
        "win in debt": "in debt",
        "win written off": "written off",
        "win refunded in part": "refunded in part",
        "win refunded": "refunded",
        "lose": "charged back",
    },
    "charged back": {"dispute": "disputed"},
    "free": {"owe": "waived", "owe nothing": "waived"},
    "refused": {},
    "released": {},
    "waived": {},
}
