"""Searches every byte under a folder for texts, however they may be spelled."""

import base64

from store_engine.adapters.recordings import McapRecording


def spellings(text):
    """Yield `text` as UTF-8, UTF-16, hexadecimal and base64 bytes."""
    plain = text.encode()
    yield plain
    yield text.encode("utf-16-le")
    yield text.encode("utf-16-be")
    yield plain.hex().encode()
    yield plain.hex().upper().encode()
    yield from _in_base64(plain)


def _in_base64(plain):
    """Base64 has three ways to spell bytes, by how many stand before them."""
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + plain)
        whole = coded[4 if before else 0 : len(coded) - 4]  # the ends depend on the neighbours
        yield whole
        yield whole.translate(bytes.maketrans(b"+/", b"-_"))


def kept_in(folder, *, skip=()):
    """Return every byte that is kept, by file; recordings also without their compression."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    kept = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in files
        if not any(part in skip for part in path.parts)
    }
    for path in folder.rglob("*.mcap"):
        name = str(path.relative_to(folder))
        kept[name] += b"".join(raw.topic.encode() + raw.payload for raw in McapRecording(path))
    return kept


def found_in(folder, texts, *, skip=()):
    """Return {text: files it is in}, of those that are found."""
    kept = kept_in(folder, skip=skip)
    found = {
        text: [name for name, data in kept.items() if any(s in data for s in spellings(text))]
        for text in texts
    }
    return {text: names for text, names in found.items() if names}
