"""Attribution [probability]: who took what, and how many.

    steps ──▶ evidence (reach) ──▶ clusters ──▶ groups (joint hypotheses) ──▶ carts
    reach.py, history.py           clusters.py  book.py, groups.py            beliefs.py, exits.py
                                   grouping.py  hypotheses.py, extending.py, scenes.py
    goods.py, mass.py, takes.py, guests.py, readings.py: what a plate's change may have been
    meetings.py, handing.py, giving.py, passing.py: through whose hands goods went
    knowledge.py, contents.py, weighings.py, lessons.py, doubts.py: what visits teach of the store
    room.py: the signals in and out; evidence.py, forgetting.py, late.py: what is kept, how long

Nothing is decided for good before the exit: every plausible explanation of every cluster keeps
its weight. Beliefs are functions of event times alone: how signals interleave on arrival changes
what is shown meanwhile, never a final cart.

Work follows what changed, not what is known: evidence that is judged again and found the same
stays the same object, so do its cluster and all that rests on it, and the book is revised from
the first cluster that differs, or that what was learned meanwhile makes read otherwise. What is
remembered for this is never saved.
"""

from store_engine.attribution.late import LateStep
from store_engine.attribution.room import Attribution

__all__ = ["Attribution", "LateStep"]
