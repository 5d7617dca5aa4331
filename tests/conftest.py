"""What holds for every test: properties are checked without a time limit for each example,
and what a person said on this machine is neither read nor changed."""

import pytest
from hypothesis import settings

settings.register_profile("tfexam", deadline=None)
settings.load_profile("tfexam")


@pytest.fixture(autouse=True)
def _own_user_settings(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder of the user's settings for each test, which the list of trusted packs lies in."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
