import socket

import pytest

from store_engine.adapters import brokers
from store_engine.adapters.brokers import best_kind, start_broker
from store_engine.errors import StoreEngineError


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=0.5).close()
    except OSError:
        return False
    return True


def test_the_broker_ends_with_its_block(tmp_path):
    with start_broker(tmp_path) as broker:
        assert listens(broker.port)
    assert not listens(broker.port)
    assert broker.process.returncode is not None


def test_the_broker_ends_when_the_block_fails(tmp_path):
    with pytest.raises(ZeroDivisionError), start_broker(tmp_path, kind="iotcore") as broker:
        raise ZeroDivisionError
    assert not listens(broker.port)


def test_without_mosquitto_the_embedded_broker_is_used(monkeypatch):
    monkeypatch.setattr(brokers.shutil, "which", lambda *_, **__: None)
    assert best_kind() == "iotcore"
    with pytest.raises(StoreEngineError, match="not installed"), start_broker(kind="mosquitto"):
        pass


def test_an_unknown_kind_is_refused_by_name(tmp_path):
    expected = "'rabbit' is not one of mosquitto, iotcore"
    with pytest.raises(StoreEngineError, match=expected), start_broker(tmp_path, kind="rabbit"):
        pass


def test_a_port_in_use_is_a_clear_error(tmp_path):
    with start_broker(tmp_path / "one") as broker:
        again = start_broker(tmp_path / "two", port=broker.port)
        with pytest.raises(StoreEngineError, match=f"port {broker.port} is taken"), again:
            pass
