"""The exception tree.

StoreEngineError
├── ConfigError        a file a person wrote is wrong: names file, entry and limit
├── RecordingError     a recording cannot be read or written
├── RecordsError       the store of record cannot be read or written
│   ├── ConflictError       ... as asked, since somebody else wrote meanwhile: decide again
│   └── SupersededError     ... by this engine, since another one of its store has started
├── RequestError       what somebody asked of the office cannot be done: names thing and limit
├── EffectError        the outside world did not do what an event asked for
│   └── UnreachableError    ... because it could not be asked; asking again is safe
└── InvariantError     a broken promise inside the engine: a bug, never an input

Bad input is not in this tree: it is refused at the edge as data (`intake.Refusal`).
Late, duplicate and doubtful are ordinary results.
"""


class StoreEngineError(Exception):
    """Anything this package raises on purpose."""


class ConfigError(StoreEngineError):
    """A configuration file is wrong; the message names file, entry and limit."""


class RecordingError(StoreEngineError):
    """A recording cannot be read or written; the message names the file and the offset."""


class RecordsError(StoreEngineError):
    """The store of record cannot be read or written; nothing of the attempt was kept."""


class ConflictError(RecordsError):
    """Somebody else wrote meanwhile: read again and decide again."""


class SupersededError(RecordsError):
    """Another engine of this store has started: this one must end."""


class RequestError(StoreEngineError):
    """What somebody asked of the office cannot be done; nothing was changed."""


class EffectError(StoreEngineError):
    """An effect was refused by the outside world."""


class UnreachableError(EffectError):
    """The outside world could not be asked; asking again with the same key is safe."""


class InvariantError(StoreEngineError):
    """A promise inside the engine is broken: a bug to report, never bad input."""
