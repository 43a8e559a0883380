"""What devices last said about themselves."""

import msgspec

from store_engine.adapters.device_board import HeardBoard
from store_engine.messages import DeviceStatus


def said(board, device, state, *, topic=None):
    status = DeviceStatus(device=device, sequence=0, time_us=0, state=state, detail="why")
    board.hear(f"stores/shop/devices/{topic or device}/status", msgspec.json.encode(status))


def test_the_last_word_of_a_device_stands():
    board = HeardBoard({"cam-1": "cameras", "shelf-1": "shelves"})
    said(board, "cam-1", "online")
    said(board, "cam-1", "degraded")
    assert [(one.device, one.state) for one in board.states()] == [
        ("cam-1", "degraded"),
        ("shelf-1", "never heard"),
    ]


def test_strangers_impostors_and_noise_are_passed_over():
    board = HeardBoard({"cam-1": "cameras"})
    said(board, "stranger", "online")
    said(board, "cam-1", "online", topic="shelf-1")
    board.hear("stores/shop/devices/cam-1/status", b"\xff{")
    board.hear("stores/shop/devices/cam-1/status", b"")
    assert [one.state for one in board.states()] == ["never heard"]
