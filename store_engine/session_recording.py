"""A recording that may fail: charging goes on without it."""

from collections.abc import Callable, Iterable

from store_engine.errors import RecordingError
from store_engine.ports import RawArrival, RecordingSink


class SessionRecording:
    """Keeps a session while it can; the first failure raises one alarm and ends it."""

    def __init__(
        self, recorder: RecordingSink | None, *, alarm: Callable[[str, str, str], None]
    ) -> None:
        self._recorder = recorder
        self._alarm = alarm  # kind, text, what it is about

    def write(self, heard: Iterable[RawArrival]) -> None:
        """Append payloads."""

        def write_all(recorder: RecordingSink) -> None:
            for raw in heard:
                recorder.write(raw)

        self._try(write_all)

    def flush(self) -> None:
        """Hand everything written so far to the operating system."""
        self._try(lambda recorder: recorder.flush())

    def close(self) -> None:
        """Finish it."""
        self._try(lambda recorder: recorder.close())

    def _try(self, act: Callable[[RecordingSink], None]) -> None:
        if self._recorder is None:
            return
        try:
            act(self._recorder)
        except RecordingError as error:
            self._recorder = None
            self._alarm("recording_stopped", str(error), "recording")
