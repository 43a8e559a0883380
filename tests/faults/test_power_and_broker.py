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
LIVES_S = 2.0  # at most, once it listens; a machine may need seconds to get there
DIES_YOUNG = 2  # every second time it is killed while it starts
SEED = 5

pytestmark = [
    pytest.mark.skipif(best_kind() != "mosquitto", reason="mosquitto is not installed"),
    pytest.mark.timeout(420),
]


@pytest.fixture(scope="module")
def session():
    arrivals = hardware(shoppers=6, seed=SEED)
    expected = undisturbed(arrivals)
    assert len(expected) == 6
    return arrivals, expected


def test_an_engine_killed_twenty_times_charges_what_the_undisturbed_one_does(session, tmp_path):
    arrivals, expected = session
    chance = random.Random(SEED)
    with start_broker(tmp_path / "broker") as broker:
        engine = LiveEngine(tmp_path, broker)
        wait_until_listening(broker, engine)
        playing = Hardware(arrivals, broker)
        playing.start()
        for number in range(KILLS):
            time.sleep(chance.uniform(0.0, LIVES_S))
            engine.kill()
            if number % DIES_YOUNG:
                wait_until_listening(broker, engine)
            else:
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
