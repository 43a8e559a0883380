"""Access: may the holder of this credential come in? Yes, or no and why.

    text ─▶ credentials: what kind is it? ─┬▶ codes: signed by whom, for whom, until when? ─┐
                                           └▶ (the desk looks a card, badge or token up) ───┤
                                          account, uses ─▶ decision: Admitted or Refused ◀──┘

Pure: keys, accounts and the time are arguments. `office/desk.py` gathers them.
"""

from store_engine.access.codes import (
    Code,
    SigningOrder,
    new_key,
    read_code,
    sign_code,
    trusted_key,
)
from store_engine.access.credentials import Kind, kind_of
from store_engine.access.decision import Admitted, Facts, decide
from store_engine.access.refusals import Refused

__all__ = [
    "Admitted",
    "Code",
    "Facts",
    "Kind",
    "Refused",
    "SigningOrder",
    "decide",
    "kind_of",
    "new_key",
    "read_code",
    "sign_code",
    "trusted_key",
]
