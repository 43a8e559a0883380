"""The process of the embedded broker: `python -m store_engine.adapters.embedded_broker OPTIONS`.

The broker has no call that stops it, so it gets a process of its own (see `brokers`), which ends
with its parent: our standard input closes when that is gone.
"""

import json
import logging
import os
import sys
import threading

from iotcore.iotcore import IotCoreBroker


def main() -> None:
    """Serve until the parent goes away or a signal comes; options are IotCoreBroker's, as JSON."""
    logging.basicConfig(level=logging.WARNING)
    # It reports every packet as an error; true errors show in the clients.
    logging.getLogger("rumqttd").setLevel(logging.CRITICAL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    IotCoreBroker(**json.loads(sys.argv[1])).run_forever()


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
