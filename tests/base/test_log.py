import logging
import warnings

import pytest

from gtview.base import log


@pytest.fixture(autouse=True)
def clean_logging():
    """Undo what a test sets up."""
    root, own = logging.getLogger(), logging.getLogger("gtview")
    before = list(root.handlers), own.level
    yield
    for handler in [h for h in root.handlers if h not in before[0]]:
        root.removeHandler(handler)
        handler.close()
    own.setLevel(before[1])
    logging.captureWarnings(False)


def test_that_messages_and_tracebacks_reach_the_file(own_folders):
    path = log.set_up_logging()
    assert path == own_folders / "log" / "gtview.log"
    logging.getLogger("gtview.somewhere").info("opened \N{MICRO SIGN}")
    try:
        raise KeyError("gone")
    except KeyError:
        logging.getLogger("gtview.somewhere").exception("it broke")
    text = path.read_text(encoding="utf-8")
    assert "INFO" in text
    assert "opened \N{MICRO SIGN}" in text
    assert "KeyError: 'gone'" in text


def test_that_libraries_are_heard_from_warnings_on():
    path = log.set_up_logging()
    logging.getLogger("somelibrary").info("chatter")
    logging.getLogger("somelibrary").warning("trouble")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old way", DeprecationWarning, stacklevel=1)
    text = path.read_text(encoding="utf-8")
    assert "trouble" in text
    assert "chatter" not in text


def test_that_setting_up_twice_logs_once():
    log.set_up_logging()
    path = log.set_up_logging()
    logging.getLogger("gtview").warning("only once")
    assert path.read_text(encoding="utf-8").count("only once") == 1


def test_that_the_log_does_not_grow_without_end():
    path = log.set_up_logging()
    for n in range(50):
        logging.getLogger("gtview").warning("%d %s", n, "x" * 100_000)
    files = sorted(file.name for file in path.parent.iterdir())
    assert files == ["gtview.log", "gtview.log.1", "gtview.log.2"]
    assert all(file.stat().st_size <= 1_100_000 for file in path.parent.iterdir())
    assert "49 xxx" in path.read_text(encoding="utf-8")


def test_that_a_file_that_cannot_be_renamed_is_written_on(monkeypatch, capsys):
    path = log.set_up_logging()

    def refuse(self, source, target):
        raise PermissionError("in use")

    monkeypatch.setattr(logging.handlers.RotatingFileHandler, "rotate", refuse)
    for n in range(30):
        logging.getLogger("gtview").warning("%d %s", n, "x" * 100_000)
    text = path.read_text(encoding="utf-8")
    assert all(f" {n} xxx" in text for n in range(30))
    assert capsys.readouterr().err == ""


def test_that_an_unwritable_folder_leaves_stderr(own_folders, capsys):
    (own_folders / "log").write_text("a file where the folder should be", encoding="utf-8")
    assert log.set_up_logging() is None
    logging.getLogger("gtview").warning("still heard")
    err = capsys.readouterr().err
    assert "cannot be written" in err
    assert "still heard" in err
    assert log.read_log_tail() == ""


def test_that_the_tail_is_the_last_lines():
    assert log.read_log_tail() == ""
    log.set_up_logging()
    for n in range(2000):
        logging.getLogger("gtview").warning("line %d %s", n, "x" * 200)
    lines = log.read_log_tail(3).splitlines()
    assert [line.split(": line ")[1].split()[0] for line in lines] == ["1997", "1998", "1999"]
    assert log.read_log_tail(0) == ""
    assert len(log.read_log_tail(1_000_000)) <= 256 * 1024
