"""The competition's export as our messages: a tiny synthetic one, and the real BENCHMARK-1."""

import base64
import json
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from store_engine.adapters.aifi import AifiSession, load_aifi, read_aifi
from store_engine.errors import RecordingError
from store_engine.intake import FrontDoor
from store_engine.messages import (
    Arrival,
    EntryDecision,
    GateCrossing,
    GateScan,
    ShelfWeights,
    Tick,
    TrackedPeople,
)
from store_engine.store import Store
from store_engine.store_files import load_store

NANOSTORE = Path(__file__).parents[2] / "configs" / "nanostore"
SECOND_US = 1_000_000
NOON_US = 1_587_556_800 * SECOND_US  # 2020-04-22T12:00:00Z


@pytest.fixture(scope="module")
def store() -> Store:
    return load_store(NANOSTORE)


def moment(offset_s: float) -> str:
    return f"2020-04-22T12:00:{offset_s:09.6f}Z"


def batch_line(gondola: int, grams: Any, *, origin_s: float, issue_s: float) -> str:
    grams = np.asarray(grams, dtype="<f4")
    document = {
        "header": {"t_origin": moment(origin_s), "t_issue": moment(issue_s)},
        "plate_data": {
            "plate_id": {"shelf_id": {"gondola_id": {"id": gondola}}},
            "freq_samp": 60.0,
            "values": {
                "data": base64.b64encode(grams.tobytes()).decode(),
                "shape": list(grams.shape),
                "type": "DATATYPE_FLOAT32",
            },
        },
    }
    return json.dumps({"document": document})


def target(name: str, *, x_inch: float, state: str = "TARGETSTATE_VALID_ENTRANCE") -> Any:
    return {
        "target_id": {"id": name},
        "target_state": state,
        "neck": {"point": {"x": x_inch, "z": 60.0}, "score": 0.9},
        "l_wrist": {"point": {}},
    }


def targets_line(time_s: float, *targets: Any) -> str:
    header = {"t_origin": moment(time_s), "t_issue": moment(time_s)}
    listed = {"targets": list(targets)} if targets else {}
    return json.dumps({"document": {"header": header, "targets": listed}})


def export(folder: Path, *, batches: Sequence[str] = (), frames: Sequence[str] = ()) -> Path:
    (folder / "plate_data.json").write_text("\n".join(batches))
    (folder / "full_targets.json").write_text("\n".join(frames))
    return folder


def heard(session: AifiSession, store: Store) -> list[Arrival]:
    accepted = [FrontDoor(store).accept(raw) for raw in session.arrivals]
    assert all(isinstance(one, Arrival) for one in accepted)
    return [one for one in accepted if isinstance(one, Arrival)]


def said_by(arrivals: list[Arrival], kind: type) -> list[Any]:
    return [arrival.message for arrival in arrivals if isinstance(arrival.message, kind)]


def one_visit(folder: Path) -> Path:
    frames = [
        targets_line(5.0, target("7", x_inch=100.0)),
        targets_line(6.0, target("7", x_inch=10.0)),
    ]
    return export(folder, frames=[*frames, targets_line(6.1)])


# ---- synthetic -------------------------------------------------------------------------------


def test_a_batch_keeps_configured_cells_in_order_and_spells_absent_ones(tmp_path, store):
    grams = np.full((12, 7, 13), np.nan)
    grams[:, 1:, 1:] = 100 * np.arange(1, 7)[:, None] + np.arange(1, 13)
    grams[3, 2, 4] = np.nan
    export(tmp_path, batches=[batch_line(2, grams, origin_s=1.0, issue_s=1.1)])
    (weights,) = said_by(heard(load_aifi(tmp_path, store.map), store), ShelfWeights)
    assert weights.samples[0][:10] == (*range(101, 110), 201)
    assert len(weights.samples[0]) == 54
    assert weights.samples[3][9 + 3] is None


def test_the_middle_of_a_batch_is_its_origin_and_it_arrives_when_issued(tmp_path, store):
    export(tmp_path, batches=[batch_line(1, np.ones((12, 7, 13)), origin_s=1.0, issue_s=1.1)])
    arrivals = heard(load_aifi(tmp_path, store.map), store)
    weights = arrivals[0]
    assert weights.received_us == NOON_US + 1_100_000
    assert weights.message.time_us == NOON_US + SECOND_US - round(5.5 / 60 * SECOND_US)


def test_a_shelf_without_columns_is_absent_and_noted(tmp_path, store):
    export(tmp_path, batches=[batch_line(3, np.ones((12, 6, 13)), origin_s=1.0, issue_s=1.1)])
    session = load_aifi(tmp_path, store.map)
    (weights,) = said_by(heard(session, store), ShelfWeights)
    assert weights.samples[0] == (*[1.0] * 60, *[None] * 12)
    assert "gondola 3: 12 of 72 plates absent" in session.notes


def test_people_are_metres_and_lost_joints_null(tmp_path, store):
    people = said_by(heard(load_aifi(one_visit(tmp_path), store.map), store), TrackedPeople)
    (person,) = people[0].people
    assert person.neck.at == (2.54, 0.0, 1.524)
    assert person.left_wrist is None
    assert people[2].people == ()


def test_an_entered_target_scans_is_accepted_comes_in_and_goes_out(tmp_path, store):
    arrivals = heard(load_aifi(one_visit(tmp_path), store.map), store)
    (scan,), (decision,) = said_by(arrivals, GateScan), said_by(arrivals, EntryDecision)
    came, went = said_by(arrivals, GateCrossing)
    assert (scan.credential, decision.account) == ("aifi:7", "aifi:7")
    assert (decision.scan, decision.accepted) == (scan.ref, True)
    assert scan.time_us < decision.time_us < came.time_us == NOON_US + 5 * SECOND_US
    assert (came.direction, came.position) == ("in", (2.54, 0.0))
    assert (went.direction, went.position) == ("out", (0.254, 0.0))
    assert 0 < went.time_us - (NOON_US + 6 * SECOND_US) <= SECOND_US // 5


def test_a_target_that_never_came_in_has_no_gate_messages_and_is_noted(tmp_path, store):
    export(tmp_path, frames=[targets_line(5.0, target("7", x_inch=9.0, state="TARGETSTATE_NEW"))])
    session = load_aifi(tmp_path, store.map)
    arrivals = heard(session, store)
    assert not said_by(arrivals, GateScan)
    assert not said_by(arrivals, GateCrossing)
    assert any("target 7: never marked" in note for note in session.notes)


def test_two_visits_share_the_gate_s_sequence(tmp_path, store):
    frames = [
        targets_line(5.0, target("7", x_inch=9.0)),
        targets_line(6.0, target("7", x_inch=9.0), target("8", x_inch=50.0)),
    ]
    arrivals = heard(load_aifi(export(tmp_path, frames=frames), store.map), store)
    gate = said_by(arrivals, GateScan | GateCrossing)
    assert [message.sequence for message in gate] == [0, 1, 2, 3, 4, 5]
    refs = {scan.credential: scan.ref for scan in said_by(arrivals, GateScan)}
    assert all(d.scan == refs[d.account] for d in said_by(arrivals, EntryDecision))


def test_ticks_go_on_until_receipts_can_be_settled(tmp_path, store):
    arrivals = heard(load_aifi(one_visit(tmp_path), store.map), store)
    ticks = said_by(arrivals, Tick)
    assert {b.time_us - a.time_us for a, b in pairwise(ticks)} == {100_000}
    assert ticks[-1].time_us - (NOON_US + 6_100_000) > 7 * SECOND_US


GOOD = batch_line(1, np.ones((12, 7, 13)), origin_s=1.0, issue_s=1.1)


@pytest.mark.parametrize(
    ("bad", "limit"),
    [
        ("{", "plate_data.json line 2: Input data was truncated"),
        ("{}", "plate_data.json line 2: Object missing required field `document`"),
        (GOOD.replace("[12, 7, 13]", "[12, 7, 14]"), "shape [12, 7, 14] needs 4704 bytes, 4368"),
        (GOOD.replace("[12, 7, 13]", "[12, 91]"), "line 2: Expected `array` of length 3"),
        (GOOD.replace("FLOAT32", "FLOAT64"), "line 2: Invalid enum value 'DATATYPE_FLOAT64'"),
        (GOOD.replace('{"id": 1}', '{"id": 9}'), "line 2: gondola 9 is not in store nanostore"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, store, bad, limit):
    export(tmp_path, batches=[GOOD, bad])
    with pytest.raises(RecordingError) as caught:
        load_aifi(tmp_path, store.map)
    assert limit in str(caught.value)


def test_a_missing_file_is_named(tmp_path, store):
    (one_visit(tmp_path) / "full_targets.json").unlink()
    with pytest.raises(RecordingError, match=r"full_targets\.json: No such file"):
        load_aifi(tmp_path, store.map)


def test_an_empty_export_is_refused(tmp_path, store):
    with pytest.raises(RecordingError, match=r"no weights in plate_data\.json"):
        load_aifi(export(tmp_path), store.map)


# ---- the real session ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def benchmark(shared_data, store) -> AifiSession:
    return load_aifi(shared_data / "aifi-benchmark-1", store.map)


def test_the_front_door_lets_the_whole_real_session_in(benchmark, store):
    kinds = Counter(type(arrival.message) for arrival in heard(benchmark, store))
    assert kinds[ShelfWeights] == 344
    assert kinds[TrackedPeople] == 291
    assert (kinds[GateScan], kinds[EntryDecision], kinds[GateCrossing]) == (1, 1, 2)


def test_the_real_session_arrives_in_order_and_every_device_counts_one_by_one(benchmark, store):
    arrivals = heard(benchmark, store)
    times = [arrival.received_us for arrival in arrivals]
    assert times == sorted(times)
    seen: Counter[str] = Counter()
    for arrival in arrivals:
        assert arrival.message.sequence == seen[arrival.message.device]
        seen[arrival.message.device] += 1


def test_the_real_shopper_walks_from_the_aisle_to_the_west_end(benchmark, store):
    came, went = said_by(heard(benchmark, store), GateCrossing)
    assert came.position == pytest.approx((3.4, -0.6), abs=0.1)
    assert went.position == pytest.approx((0.3, -1.5), abs=0.1)


def test_the_real_pick_is_in_its_cell(benchmark, store):
    cell = store.map.cells["gondola-1"].index("1-5-11")
    weights = said_by(heard(benchmark, store), ShelfWeights)
    levels = [w.samples[0][cell] for w in weights if w.device == "gondola-1"]
    assert levels[-1] - levels[0] == pytest.approx(-621.67, abs=15)


def test_reading_twice_gives_the_same_bytes(benchmark, shared_data, store):
    assert tuple(read_aifi(shared_data / "aifi-benchmark-1", store.map)) == benchmark.arrivals


def test_the_notes_say_what_was_derived_and_left_out(benchmark):
    notes = "\n".join(benchmark.notes)
    assert "gate messages are not in the export" in notes
    assert "gondola 2: 18 columns beyond its plates left out" in notes
    assert "gondola 5: no weights" in notes
