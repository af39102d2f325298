"""Is a kept sign-in of Bluesky readable only with the password it was made with?"""

from __future__ import annotations

from pathlib import Path

from collectors.bluesky.session import SessionFile

ISSUED = "aurora.test:::did:plc:x:::hush-access-token:::hush-refresh-token"


def session(folder: Path, secret: str = "abcd-efgh-ijkl-mnop") -> SessionFile:
    return SessionFile(str(folder), server="https://bsky.social", handle="aurora.test", secret=secret)


def test_what_was_kept_is_found_again_by_the_next_process(tmp_path: Path) -> None:
    session(tmp_path).write(ISSUED)
    assert session(tmp_path).read() == ISSUED


def test_nobody_else_reads_it_and_nothing_of_it_shows(tmp_path: Path) -> None:
    session(tmp_path).write(ISSUED)
    [file] = (tmp_path / "bluesky").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"hush" not in file.read_bytes() and "aurora" not in file.name
    assert session(tmp_path, "other-pass-word-here").read() is None


def test_another_password_does_not_open_a_file_that_was_moved_to_its_name(tmp_path: Path) -> None:
    ours, theirs = session(tmp_path), session(tmp_path, "other-pass-word-here")
    ours.write(ISSUED)
    ours._path.rename(theirs._path)
    assert theirs.read() is None


def test_what_earlier_versions_kept_as_it_was_is_removed(tmp_path: Path) -> None:
    (tmp_path / "bluesky").mkdir()
    (tmp_path / "bluesky" / "session-0123").write_text(ISSUED)
    session(tmp_path).write(ISSUED)
    assert not (tmp_path / "bluesky" / "session-0123").exists()


def test_a_damaged_file_costs_a_sign_in_and_no_more(tmp_path: Path) -> None:
    session(tmp_path).write(ISSUED)
    session(tmp_path)._path.write_bytes(b"half a")
    assert session(tmp_path).read() is None
    session(tmp_path).forget()
    assert list((tmp_path / "bluesky").iterdir()) == []
