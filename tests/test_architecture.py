"""The dependency rule of the house: words <- rooms <- engine <- app."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "store_engine"
WORDS = {
    "units", "messages", "signals", "events", "payment_events", "case_events", "store_map",
    "catalog", "promotions", "price_book", "store", "errors", "topics", "ports", "card_numbers",
    "certainty", "biometrics",
}  # fmt: skip
# Rooms of the office: they have no clock and touch no world either.
OFFICE_ROOMS = {"access", "payments", "complaints"}
ROOMS = {"tracking", "shelves", "visits", "attribution", "cart", "checkout"} | OFFICE_ROOMS
SPINE = {"device_line", "ordering", "intake", "engine", "replay"}
CORE = WORDS | ROOMS | SPINE
ONLY_APP_IMPORTS_ADAPTERS = {"app", "cli", "adapters"}
NO_WORLD = {
    "time", "datetime", "random", "socket", "os", "pathlib", "io", "threading", "asyncio",
    "subprocess", "uuid", "secrets", "paho", "sqlalchemy", "mcap",
}  # fmt: skip


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def files(folder: str) -> list[Path]:
    found = sorted((ROOT / folder).rglob("*.py"))
    assert found, f"nothing in {folder}"
    return found


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def engine_parts(path: Path) -> set[str]:
    parts = [module.split(".") for module in imports(path)]
    return {part[1] for part in parts if part[0] == "store_engine" and len(part) > 1}


ALL = [path for path in files("store_engine") if path != PACKAGE / "__init__.py"]
IN_CORE = [path for path in ALL if room_of(path) in CORE]


@pytest.mark.parametrize("path", [p for p in ALL if room_of(p) in WORDS], ids=name)
def test_words_import_only_words(path):
    assert engine_parts(path) <= WORDS


@pytest.mark.parametrize("path", [p for p in ALL if room_of(p) in ROOMS], ids=name)
def test_rooms_import_words_and_themselves_only(path):
    assert engine_parts(path) <= WORDS | {room_of(path)}


@pytest.mark.parametrize("path", ALL, ids=name)
def test_only_the_engine_and_the_office_import_rooms(path):
    allowed = {"engine": ROOMS - OFFICE_ROOMS, "office": OFFICE_ROOMS}.get(room_of(path), set())
    if room_of(path) not in ROOMS:
        assert engine_parts(path) & ROOMS <= allowed


@pytest.mark.parametrize("path", ALL, ids=name)
def test_only_app_and_the_command_line_import_adapters(path):
    if room_of(path) not in ONLY_APP_IMPORTS_ADAPTERS:
        assert "adapters" not in engine_parts(path)


@pytest.mark.parametrize("path", files("store_engine/adapters"), ids=name)
def test_adapters_know_words_and_ports_never_rooms(path):
    assert not engine_parts(path) & (ROOMS | {"engine", "app"})


@pytest.mark.parametrize("path", files("store_engine/vision"), ids=name)
def test_the_camera_node_knows_words_ports_and_the_files_of_its_store(path):
    assert engine_parts(path) <= WORDS | {"store_files", "vision"}


@pytest.mark.parametrize("path", ALL, ids=name)
def test_only_the_command_line_imports_the_camera_node(path):
    if room_of(path) not in {"cli", "vision"}:
        assert "vision" not in engine_parts(path)


@pytest.mark.parametrize("path", files("sim"), ids=name)
def test_the_simulator_knows_words_only(path):
    assert engine_parts(path) <= WORDS


@pytest.mark.parametrize("path", IN_CORE, ids=name)
def test_the_core_has_no_clock_socket_file_or_global_randomness(path):
    roots = {module.split(".")[0] for module in imports(path)}
    assert not roots & NO_WORLD
    assert "numpy.random" not in path.read_text().replace("np.random", "numpy.random")


@pytest.mark.parametrize("path", IN_CORE, ids=name)
def test_nothing_in_the_engine_reads_the_truth(path):
    assert "sim" not in {module.split(".")[0] for module in imports(path)}
