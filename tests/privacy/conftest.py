import pytest

from tests.privacy.privacy_world import PrivacyWorld


@pytest.fixture
def shop(tmp_path):
    """A shop with two accounts, on SQLite."""
    world = PrivacyWorld(tmp_path)
    world.open_accounts()
    yield world
    world.close()
