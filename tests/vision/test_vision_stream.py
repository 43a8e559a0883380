"""A stream over a real connection: motion JPEG over HTTP, which FFmpeg opens like RTSP."""

import http.server
import threading
import time

import cv2
import numpy as np
import pytest

from store_engine.errors import UnreachableError
from store_engine.vision.feed import Feed
from store_engine.vision.stream import Stream, without_password

BOUNDARY = "frame"


class Camera:
    """Serves a moving square until it is unplugged; again on the same port when plugged in."""

    def __init__(self) -> None:
        self.port = 0
        self._server: http.server.ThreadingHTTPServer | None = None
        self._unplugged = threading.Event()

    def plug_in(self) -> None:
        self._unplugged = threading.Event()
        unplugged = self._unplugged

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY}")
                self.end_headers()
                number = 0
                while not unplugged.wait(0.03):
                    self._send(number)
                    number += 1

            def _send(self, number: int) -> None:
                image = np.full((72, 128, 3), 90, np.uint8)
                image[20:40, number % 100 : number % 100 + 20] = 240
                jpeg = cv2.imencode(".jpg", image)[1].tobytes()
                head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\n"
                head += f"Content-Length: {len(jpeg)}\r\n\r\n"
                try:
                    self.wfile.write(head.encode() + jpeg + b"\r\n")
                except OSError:
                    unplugged.set()

            def log_message(self, *_: object) -> None: ...

        http.server.ThreadingHTTPServer.allow_reuse_address = True
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def unplug(self) -> None:
        self._unplugged.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/stream"


@pytest.fixture
def camera():
    plugged = Camera()
    plugged.plug_in()
    yield plugged
    plugged.unplug()


def now_us() -> int:
    return time.time_ns() // 1_000


def wait_for(condition, limit_s: float = 20.0) -> None:
    until_s = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < until_s
        time.sleep(0.02)


def test_frames_of_a_stream_were_taken_when_they_came_less_the_delay(camera):
    before_us = now_us()
    stream = Stream(camera.url, clock_us=now_us, delay_us=5_000_000)
    frames = [stream.read(), stream.read()]
    stream.close()
    assert frames[0].image.shape == (72, 128, 3)
    assert before_us - 5_000_000 <= frames[0].time_us < frames[1].time_us <= now_us() - 5_000_000


def test_a_camera_that_is_unplugged_and_plugged_in_again_is_seen_again(camera):
    feed = Feed(lambda: Stream(camera.url, clock_us=now_us), endless=True, retry_first_s=0.1)
    feed.start()
    wait_for(lambda: feed.newest(wait_s=0.1) is not None)
    camera.unplug()
    wait_for(lambda: feed.trouble != "")
    assert feed.counts().lost >= 1
    camera.plug_in()
    wait_for(lambda: feed.newest(wait_s=0.1) is not None and feed.trouble == "")
    feed.close()


def test_a_camera_that_is_not_there_is_named_without_its_password():
    with pytest.raises(UnreachableError, match=r"rtsp://me:\*\*\*@127\.0\.0\.1:9/x: no stream"):
        Stream("rtsp://me:secret@127.0.0.1:9/x", clock_us=now_us)


def test_urls_without_a_password_are_shown_as_they_are():
    assert without_password("rtsp://10.0.0.3:554/1") == "rtsp://10.0.0.3:554/1"
