"""Stripe is an extra: nobody loads it who does not use it, and who lacks it is told."""

import subprocess
import sys

import pytest

from store_engine.app.stripe import stripe_notices, stripe_provider
from store_engine.errors import ConfigError
from store_engine.settings import Settings


def chosen(**account):
    told = {"key": "sk_test_hush", "webhook_secrets": ["whsec_hush"], **account}
    return Settings(store="shop", payments="stripe", stripe=told)


@pytest.mark.parametrize("build", [stripe_provider, stripe_notices])
def test_without_its_sdk_one_is_told_how_to_get_it(monkeypatch, build):
    monkeypatch.setitem(sys.modules, "stripe", None)  # as if it were not installed
    with pytest.raises(ConfigError, match=r"pip install 'store-engine\[stripe\]'"):
        build(chosen())


def test_an_office_that_is_paid_otherwise_does_not_load_it():
    look = "import sys, store_engine.app.web; sys.exit('stripe' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", look], check=False).returncode == 0
