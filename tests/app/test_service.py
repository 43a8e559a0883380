import msgspec
import pytest

from store_engine.adapters.recordings import McapRecorder, McapRecording
from store_engine.errors import InvariantError, RecordsError, SupersededError
from store_engine.intake import FrontDoor
from store_engine.messages import PaymentResult
from store_engine.topics import heard_topic
from tests.app.tiny_world import FullDisk, TinyEngine, World
from tests.tiny_store import tiny_store


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path)
    yield world
    if world.service is not None:
        world.service.abandon()


def test_a_scan_becomes_a_charge_and_everything_is_acknowledged(world):
    world.start()
    world.broker.send_scan(0)
    world.until(lambda: world.decided("charge_settled"))
    assert world.decided("charge_settled") == ["settled/door-0-0/charge"]
    assert world.broker.unacknowledged == {}
    assert world.service.status()["events"] == 6


def test_a_declined_card_leaves_the_debt_open(world):
    world.start()
    world.broker.send_scan(0, credential="qr-bob")
    world.until(lambda: world.decided("charge_declined"))
    assert world.decided("charge_settled") == []


def test_an_unknown_credential_owes_nothing(world):
    world.start()
    world.broker.send_scan(0, credential="qr-mallory")
    world.until(lambda: not world.reading.pending_effects() and world.decided("entry_requested"))
    assert world.decided("charge_requested") == []


def test_a_cart_is_published_retained_and_withdrawn_at_the_end(world):
    world.start()
    world.broker.send_scan(0)
    world.until(lambda: world.decided("charge_settled"))
    topic = "stores/tiny/carts/door-0-0"
    carts = [payload for said, payload in world.broker.published if said == topic]
    assert msgspec.json.decode(carts[0])["total"] == 100
    assert (carts[-1], world.broker.retained[topic]) == (b"", b"")


@pytest.mark.parametrize(
    ("payload", "reason"),
    [(b"{", "malformed JSON"), (b'{"type":"gate_scan","version":9}', "schema version 9")],
)
def test_a_refused_payload_becomes_a_dead_letter_and_the_loop_goes_on(world, payload, reason):
    world.start()
    world.broker.send("stores/tiny/gates/door/scans", payload)
    world.broker.send_scan(0)
    world.until(lambda: world.decided("charge_settled"))
    (letter,) = world.reading.dead_letters()
    assert letter.raw.payload == payload
    assert reason in letter.reason
    assert world.broker.unacknowledged == {}


def test_the_broker_cannot_forge_an_answer(world):
    world.provider.trouble.unreachable = True
    world.start()
    world.broker.send_scan(0)
    world.until(lambda: world.decided("charge_requested"))
    forged = PaymentResult(
        device="payments",
        sequence=0,
        time_us=0,
        request="door-0-0/charge",
        outcome="charged",
        amount=1,
    )
    world.broker.send(heard_topic("tiny", forged), msgspec.json.encode(forged))
    world.until(world.reading.dead_letters)
    assert "only the engine's own edge" in world.reading.dead_letters()[0].reason
    assert world.decided("charge_settled") == []


def test_an_unreachable_provider_delays_a_charge_and_never_stops_the_loop(world):
    world.provider.trouble.unreachable_before = 2
    world.start()
    world.broker.send_scan(0)
    world.until(lambda: world.decided("charge_requested"))
    world.broker.send_scan(1, credential="qr-mallory")
    world.until(lambda: len(world.decided("entry_requested")) == 2)
    world.until(lambda: world.decided("charge_settled"))
    assert world.broker.alerts() == ["payments_unreachable"]


def test_a_charge_whose_answer_was_lost_is_not_made_twice(world):
    world.provider.trouble.unreachable_after = 1
    world.start()
    world.broker.send_scan(0)
    world.until(lambda: world.decided("charge_settled"))
    assert world.taken() == [100]


def test_a_charge_waiting_at_a_restart_is_made_after_it(world):
    world.provider.trouble.unreachable = True
    world.start()
    world.broker.send_scan(0)
    world.until(lambda: world.decided("charge_requested"))
    world.service.close()
    world.provider.trouble.unreachable = False
    world.start()
    world.until(lambda: world.decided("charge_settled"))
    assert world.taken() == [100]


def test_quiet_time_is_said_only_when_the_broker_has_no_more(world):
    world.broker.caught_up = lambda: False
    world.start(tick_s=0.001)
    for _ in range(5):
        world.service.turn()
    assert world.service.counters["received"] == 0
    world.broker.caught_up = lambda: True
    world.until(lambda: world.service.counters["received"] >= 3)


def test_a_full_disk_ends_the_recording_with_an_alert_and_charging_goes_on(world):
    world.start(recorder=FullDisk())
    world.broker.send_scan(0)
    world.until(lambda: world.decided("charge_settled"))
    assert world.broker.alerts() == ["recording_stopped"]


def test_while_records_cannot_be_kept_nothing_is_said_and_then_nothing_is_lost(world, monkeypatch):
    monkeypatch.setattr("store_engine.service.KEEP_AGAIN_S", 0.001)
    records = world.records()
    commit, failures = records.commit, iter([True, True, False])

    def failing(kept):
        if next(failures, False):
            raise RecordsError("records.sqlite: database or disk is full")
        return commit(kept)

    monkeypatch.setattr(records, "commit", failing)
    world.start(records=records)
    world.broker.send_scan(0)
    world.until(lambda: world.decided("charge_settled"))
    assert world.broker.alerts() == ["records_failing"]
    assert world.broker.unacknowledged == {}


def test_an_engine_that_was_replaced_ends_and_loses_nothing(world):
    old = world.start()
    new = world.start()
    world.broker.start(old._inbox.hear)
    world.broker.send_scan(0)
    with pytest.raises(SupersededError, match="another engine of store 'tiny' has started"):
        old.run()
    old.abandon()
    world.broker.start(new._inbox.hear)
    world.until(lambda: world.decided("charge_settled"))
    assert world.broker.unacknowledged == {}


def test_the_journal_is_pruned_at_every_snapshot(world):
    world.start(snapshot_every_s=0.02)
    for sequence in range(20):
        world.broker.send_scan(sequence)
    world.until(lambda: len(world.decided("charge_settled")) == 20)
    world.until(lambda: world.service.counters["snapshots"] >= 3)
    world.service.close()
    records = world.records()
    assert list(records.journal()) == []
    records.close()


def test_an_engine_that_decides_differently_after_a_restart_is_a_broken_promise(world):
    world.start()
    world.broker.send_scan(0)
    world.until(lambda: world.decided("charge_requested"))
    world.service.abandon()

    class Changed(TinyEngine):
        def shop(self, entry):
            return (event for event in super().shop(entry) if event.__struct_config__.tag != "x")

        def decide(self, message):
            for event in super().decide(message):
                yield msgspec.structs.replace(event, time_us=event.time_us + 1)

    with pytest.raises(InvariantError, match="came out differently"):
        world.start(engine=Changed())


def test_a_snapshot_that_cannot_be_kept_costs_an_alert_only(world, monkeypatch):
    def full(state):
        raise RecordsError("records.sqlite: database or disk is full")

    records = world.records()
    monkeypatch.setattr(records, "save_snapshot", full)
    world.start(records=records, snapshot_every_s=0.0)
    world.broker.send_scan(0)
    world.until(lambda: world.decided("charge_settled"))
    assert set(world.broker.alerts()) == {"snapshot_failed"}


def test_what_was_not_kept_is_not_recorded(world, monkeypatch):
    path = world.folder / "session.mcap"
    records = world.records()
    world.start(records=records, recorder=McapRecorder(path, store="tiny"))

    def cut(kept):
        raise KeyboardInterrupt

    monkeypatch.setattr(records, "commit", cut)
    world.broker.send_scan(0)
    with pytest.raises(KeyboardInterrupt):
        world.until(lambda: False)
    world.service.abandon()
    assert list(McapRecording(path)) == []


def test_a_recording_after_a_kill_begins_where_the_journal_does(world):
    parts = [world.folder / "1.mcap", world.folder / "2.mcap"]
    world.start(recorder=McapRecorder(parts[0], store="tiny"))
    world.broker.send_scan(0)
    world.until(lambda: world.decided("charge_settled"))
    parts[0].write_bytes(b"")  # killed: nothing of the file had reached the disk
    world.service.abandon()
    world.start(recorder=McapRecorder(parts[1], store="tiny"))
    world.service.close()
    topics = [raw.topic for raw in McapRecording(parts[1]) if "ticks" not in raw.topic]
    assert topics[0] == "stores/tiny/gates/door/scans"
    assert len(topics) == 3


@pytest.mark.parametrize("state", [b"\xc1", msgspec.msgpack.encode({"engine": {"other": 1}})])
def test_a_state_of_another_version_is_a_clear_error(world, state):
    records = world.records()
    records.save_snapshot(state)
    with pytest.raises(RecordsError, match="does not fit this version of the engine"):
        world.start(records=records)
    records.close()


def test_a_recording_of_the_service_replays_to_the_same_events(world):
    path = world.folder / "session.mcap"
    world.start(recorder=McapRecorder(path, store="tiny"))
    for sequence in range(5):
        world.broker.send_scan(sequence, credential=("qr-ada", "qr-bob")[sequence % 2])
    world.until(
        lambda: len(world.decided("charge_settled") + world.decided("charge_declined")) == 5
    )
    world.service.close()
    door, engine = FrontDoor(tiny_store()), TinyEngine()
    replayed = [e for raw in McapRecording(path) for e in engine.handle(door.accept(raw))]
    assert replayed == world.events()


def test_stop_ends_the_run_at_once(world):
    service = world.start(tick_s=10.0)
    service.stop()
    service.run()
