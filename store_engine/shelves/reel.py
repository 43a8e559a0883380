"""The last window of all plates, on a reel that is seldom wound back."""

import numpy as np

from store_engine.store_map import FloatArray

REEL_WINDOWS = 3  # a guess between memory and copying: room for the window, and hops to come


class Reel:
    """Keeps the last `window` samples in one piece of memory; each hop costs one short copy."""

    def __init__(self, window: int, cells: int) -> None:
        self.window = window
        self.latest: FloatArray = np.zeros((window, cells))  # the last samples, until the next hop
        self._samples = np.zeros((REEL_WINDOWS * window, cells))
        self._end = 0  # of the latest, among those

    def wind(self, grams: FloatArray) -> None:
        """Add a hop (n, cells), shorter than the window."""
        if not 0 < self._end <= len(self._samples) - len(grams):
            self._samples[: self.window] = self.latest
            self._end = self.window
        begin, self._end = self._end, self._end + len(grams)
        self._samples[begin : self._end] = grams
        self.latest = self._samples[self._end - self.window : self._end]
