"""Shelves [g]: weight samples in, settled steps per plate with uncertainty out.

- room.py: `Shelves`, one `DeviceShelves` per weight device, whatever order they speak in
- device.py: one device's plates, all judged at once
- touches.py: the plates being touched, followed one by one until they rest
- cadence.py: batches of any size become hops of 0.2 s; gaps show
- reel.py: the last window of all plates
- windows.py: tapered level windows, and what noise does to them
- gauge.py: how rough every plate is
- noise.py: each plate's own noise, learnt while it is quiet
- baseline.py: each plate's level and drift, learnt while it is quiet
- shares.py: per-cell weights that are one number while all cells agree
- episode.py: one touch of one plate, from first contact to rest
- ladder.py: the windows through which the end of a touch is judged
- settling.py: does a touched plate rest, and where
- changes.py: when, within a touch, the level changed
"""

from store_engine.shelves.room import Shelves

__all__ = ["Shelves"]
