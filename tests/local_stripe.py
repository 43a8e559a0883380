"""localstripe, an imitation of Stripe's API, as a process of its own.

It is GPL software: it has an environment of its own, and nothing of it is imported here.
`make localstripe` installs it.
"""

import contextlib
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import stripe

PYTHON = Path(__file__).parents[1] / ".venv-localstripe" / "bin" / "python"
START_MAX_S = 20.0

# It would listen to the whole world; this keeps it at home.
AT_HOME = """
import runpy, socket
bind = socket.socket.bind
socket.socket.bind = lambda self, address: bind(self, ("::ffff:127.0.0.1", address[1]))
runpy.run_module("localstripe", run_name="__main__")
"""

# What Stripe takes and localstripe answers with "Unexpected ...": (end of path, parameter).
NOT_UNDERSTOOD = [
    ("/payment_intents", "allowed_payment_method_types"),
    ("/capture", "metadata"),
]


class Abridging(stripe.RequestsClient):
    """Leaves out of every request what localstripe refuses to read."""

    def request(self, method, url, headers, post_data=None):
        fields = (post_data or "").split("&")
        left_out = [name for path, name in NOT_UNDERSTOOD if url.endswith(path)]
        kept = [field for field in fields if not field.startswith(tuple(left_out) or ("\0",))]
        return super().request(method, url, headers, "&".join(kept) if post_data else None)


@contextlib.contextmanager
def local_stripe() -> Iterator[str]:
    """Start localstripe, yield its address, and stop it. Skips the test where it is missing."""
    if not PYTHON.exists():
        pytest.skip("localstripe is not installed: `make localstripe` does it")
    port = free_port()
    process = subprocess.Popen(
        [PYTHON, "-c", AT_HOME, "--from-scratch", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"]},
    )
    try:
        wait_for(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


def client(url: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        "sk_test_local",
        base_addresses={"api": url},
        max_network_retries=0,
        http_client=Abridging(timeout=10),
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url: str, process: subprocess.Popen) -> None:
    until = time.monotonic() + START_MAX_S
    while time.monotonic() < until:
        assert process.poll() is None, "localstripe ended at once"
        try:
            urllib.request.urlopen(url, timeout=1)
        except urllib.error.HTTPError:
            return  # it answers: 401
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"localstripe did not answer within {START_MAX_S} s")
