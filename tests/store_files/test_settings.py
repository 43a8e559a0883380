"""Settings come from a file, then the environment, and are frozen."""

import traceback
from pathlib import Path

import pytest
from pydantic import ValidationError

from store_engine.errors import ConfigError
from store_engine.settings import load_settings

DEMO = Path(__file__).parents[2] / "configs" / "demo.toml"


def test_the_demo_settings_load():
    settings = load_settings(DEMO)
    assert settings.store == Path("configs/nanostore")
    assert settings.broker.port == 1883


def test_the_environment_wins_over_the_file_one_setting_at_a_time(monkeypatch):
    monkeypatch.setenv("STORE_ENGINE_BROKER__PORT", "8883")
    settings = load_settings(DEMO)
    assert (settings.broker.host, settings.broker.port) == ("localhost", 8883)


def test_the_environment_alone_is_enough(monkeypatch):
    monkeypatch.setenv("STORE_ENGINE_STORE", "shop")
    assert load_settings().store == Path("shop")


def test_settings_do_not_change():
    with pytest.raises(ValidationError, match="frozen"):
        load_settings(DEMO).tick_ms = 5


@pytest.mark.parametrize(
    ("variable", "value", "limit"),
    [
        ("TICK_MS", "0", "tick_ms: Input should be greater than or equal to 10"),
        ("BROKER__PORT", "70000", "broker.port: Input should be less than or equal to 65535"),
        ("PAYMENTS", "cash", "payments: Input should be 'simulated'"),
        ("BROKER__KEY_FILE", "k.pem", "broker: certificate_file and key_file go together"),
        ("BROKER__CA_FILE", "ca.pem", "broker: ca_file and certificate_file need tls = true"),
        ("BROKER", "not json", "environment: error parsing value"),
    ],
)
def test_a_slip_in_the_environment_is_named(monkeypatch, variable, value, limit):
    monkeypatch.setenv(f"STORE_ENGINE_{variable}", value)
    with pytest.raises(ConfigError) as caught:
        load_settings(DEMO)
    assert limit in str(caught.value)


def test_a_password_never_shows(monkeypatch):
    monkeypatch.setenv("STORE_ENGINE_BROKER__PASSWORD", "hush")
    with pytest.raises(ConfigError, match="a password needs a username") as caught:
        load_settings(DEMO)
    assert "hush" not in str(caught.value)
    monkeypatch.setenv("STORE_ENGINE_BROKER__USERNAME", "engine")
    assert "hush" not in repr(load_settings(DEMO))


STRIPE = {"KEY": "sk_live_hush", "WEBHOOK_SECRETS": '["whsec_hush"]'}


def stripe_settings(monkeypatch, **account):
    monkeypatch.setenv("STORE_ENGINE_PAYMENTS", "stripe")
    for name, value in account.items():
        monkeypatch.setenv(f"STORE_ENGINE_STRIPE__{name}", value)
    return load_settings(DEMO)


def test_stripe_is_switched_on_by_a_key_and_a_webhook_secret(monkeypatch):
    settings = stripe_settings(monkeypatch, **STRIPE)
    assert settings.stripe.key.get_secret_value() == "sk_live_hush"
    assert "hush" not in repr(settings) + settings.model_dump_json()


@pytest.mark.parametrize(
    ("account", "limit"),
    [
        ({}, 'payments = "stripe" needs stripe.key and stripe.webhook_secrets'),
        ({"KEY": "sk_hush"}, "stripe.webhook_secrets: Field required"),
        ({"WEBHOOK_SECRETS": '["whsec_hush"]'}, "stripe.key: Field required"),
        ({**STRIPE, "KEY": "pk_hush"}, "stripe.key: a secret or restricted key"),
        ({**STRIPE, "KEY": "sk_hush\n"}, "stripe.key: a secret or restricted key"),
        ({**STRIPE, "WEBHOOK_SECRETS": "[]"}, "stripe.webhook_secrets: Tuple should have at least"),
        ({**STRIPE, "WEBHOOK_SECRETS": '["hush"]'}, "stripe.webhook_secrets: the secret of a"),
        ({**STRIPE, "WEBHOOK_SECRETS": "whsec_hush"}, 'error parsing value for field "stripe"'),
        ({**STRIPE, "URL": "http://hush.example"}, "stripe.url: String should match"),
    ],
)
def test_a_slip_about_stripe_is_named_and_no_key_is_shown(monkeypatch, account, limit):
    with pytest.raises(ConfigError) as caught:
        stripe_settings(monkeypatch, **account)
    assert limit in str(caught.value)
    assert "hush" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("store = ", r"s\.toml: Invalid value"),
        ("stor = 'x'", "stor: Extra inputs are not permitted"),
        ("", "store: Field required"),
    ],
)
def test_a_slip_in_the_file_is_named(tmp_path, text, limit):
    path = tmp_path / "s.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=limit):
        load_settings(path)


def test_a_missing_file_is_not_silently_empty(tmp_path):
    with pytest.raises(ConfigError, match="no such file"):
        load_settings(tmp_path / "s.toml")
