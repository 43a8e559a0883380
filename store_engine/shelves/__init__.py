"""Shelves [g]: weight samples in, settled steps per plate with uncertainty out.

    room.py       Shelves: one `DeviceShelves` per weight device, order between devices irrelevant
    device.py     one controller's plates, all at once: quiet, touched, missing
    cadence.py    batches of any size -> hops of 0.2 s, with gaps found
    windows.py    tapered level windows and what noise does to them
    noise.py      each plate's own noise, learnt while it is quiet
    baseline.py   each plate's level and drift, learnt while it is quiet
    settling.py   has a touched plate come to rest, and where
    episode.py    one touch of one plate, from first contact to rest
    changes.py    when, within a touch, the level changed
"""

from store_engine.shelves.room import Shelves

__all__ = ["Shelves"]
