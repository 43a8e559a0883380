"""Where and when a figure was measured."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version


def machine() -> dict[str, str]:
    """Return what a reader needs to judge a figure."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        "python": platform.python_version(),
        "numpy": version("numpy"),
    }
