"""One file per step, named after its subject: `engine_0001`, `engine_0002`, `office_0001`, ..."""
