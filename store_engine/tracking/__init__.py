"""Tracking [m]: pixel boxes and upstream 3-D people -> floor positions -> one track per person.

detection --cameras--> ray --detections--> fix ┐
                                               ├─association─> crowd (kalman, lifecycle)
upstream person ---------upstream--------> fix ┘                   │
                                                 reports, wrists <─┘ ──> TrackMoved, TrackEnded
"""

from store_engine.tracking.room import Tracking

__all__ = ["Tracking"]
