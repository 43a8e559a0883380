"""Writing the files of the access folder: whole or not at all, keys for their owner only."""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

PRIVATE = 0o600
PUBLIC = 0o644
PRIVATE_FOLDER = 0o700


def write_whole(path: Path, data: bytes, *, mode: int = PUBLIC) -> None:
    """Put `data` in place of whatever `path` held, at once; a reader sees the old or the new.

    A file that was given to another user, as the broker's are, stays theirs.
    """
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
            os.fchmod(descriptor, mode)
            if path.exists() and os.geteuid() == 0:
                before = path.stat()
                os.fchown(descriptor, before.st_uid, before.st_gid)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def make_private(folder: Path) -> None:
    """Make a folder that only its owner may look into."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(PRIVATE_FOLDER)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let one process at a time change what is in `folder`: two might drop a revocation."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
