"""What tests of sessions share: an export that can be curated, and its session."""

from __future__ import annotations

import pytest
from curating import make_export, open_session


@pytest.fixture
def export(tmp_path):
    return make_export(tmp_path / "export")


@pytest.fixture
def session(export):
    session = open_session(export)
    yield session
    session.curation.keeping.close()
