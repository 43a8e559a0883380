"""Power cuts and broker outages, over a real mosquitto, in real time."""

import random
import time

import pytest

from store_engine.adapters.brokers import best_kind, start_broker
from tests.faults.live import (
    Hardware,
    LiveEngine,
    basket,
    hardware,
    undisturbed,
    wait_until_listening,
)

KILLS = 20
SEED = 5

pytestmark = [
    pytest.mark.skipif(best_kind() != "mosquitto", reason="mosquitto is not installed"),
    pytest.mark.timeout(420),
]


@pytest.fixture(scope="module")
def session():
    arrivals = hardware(shoppers=4, seed=SEED)
    expected = undisturbed(arrivals)
    assert len(expected) == 4
    return arrivals, expected


def test_an_engine_killed_twenty_times_charges_what_the_undisturbed_one_does(session, tmp_path):
    arrivals, expected = session
    chance = random.Random(SEED)
    with start_broker(tmp_path / "broker") as broker:
        engine = LiveEngine(tmp_path, broker)
        wait_until_listening(broker, engine)
        playing = Hardware(arrivals, broker)
        playing.start()
        lasts_s = (arrivals[-1].received_us - arrivals[0].received_us) / 1e6
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.5, 1.5) * lasts_s / KILLS)
            engine.kill()
            engine.start()
        playing.finish()
        engine.wait_until_settled(receipts=len(expected))
        engine.stop()
    _check(engine, expected)


def test_a_broker_that_stops_and_comes_back_loses_nothing(session, tmp_path):
    arrivals, expected = session
    with start_broker(tmp_path / "broker") as broker:
        engine = LiveEngine(tmp_path, broker)
        wait_until_listening(broker, engine)
        playing = Hardware(arrivals, broker)
        playing.start()
        for _ in range(2):
            time.sleep(12)
            broker.stop()
            time.sleep(3)
            broker.start_again()
        playing.finish()
        engine.wait_until_settled(receipts=len(expected))
        engine.stop()
    _check(engine, expected)


def _check(engine, expected):
    receipts = engine.records.receipts()
    assert sorted(map(basket, receipts)) == sorted(map(basket, expected))
    charges = engine.charges()
    assert sorted(charges.values()) == sorted(one.total for one in expected if one.total)
    assert engine.records.pending_effects() == 0
