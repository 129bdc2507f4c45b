"""ClamAV itself, with a signature of our own: what it finds is refused, and so is what it cannot look at."""

import shutil
from pathlib import Path
from tempfile import mkdtemp

import pytest
from click.testing import CliRunner
from pytest_django import Settings

from tests.attachments.adding import added
from tests.attachments.made import photo
from tests.cast import Cast, a_file
from tutela.attachments.models import Attachment
from tutela.audit.models import AuditRow
from tutela.foundation.refusals import Refused, Unavailable
from tutela.media import scanning
from tutela.media.scanning import ScannerFailed, is_clean, scanner_on

CLAMSCAN = shutil.which("clamscan")
BAD = b"THIS-IS-NO-VIRUS-BUT-TUTELA-SAYS-SO"
installed = pytest.mark.skipif(CLAMSCAN is None, reason="ClamAV is not installed")


@pytest.fixture
def scanner(tmp_path: Path) -> str:
    """The setting for a real scanner that knows one signature."""
    database = tmp_path / "own.ndb"
    database.write_text(f"Tutela.Test:0:*:{BAD.hex()}\n")
    return f"{CLAMSCAN} --database={database}"


@installed
def test_it_finds_what_is_bad_and_nothing_in_what_is_not(scanner: str) -> None:
    assert is_clean(photo(), scanner=scanner.split())
    assert not is_clean(photo() + BAD, scanner=scanner.split())


@installed
def test_it_leaves_nothing_behind_and_unpacks_in_memory(
    scanner: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What the scanner writes meanwhile goes where there is no disk: its own folder for it cannot be written to."""
    nowhere, in_memory = tmp_path / "nowhere", Path(mkdtemp(dir=scanning._IN_MEMORY))
    monkeypatch.setenv("TMPDIR", str(nowhere))
    monkeypatch.setattr(scanning, "_IN_MEMORY", str(in_memory))  # its own: others scan on this machine too
    assert is_clean(photo(), scanner=scanner.split())
    assert not nowhere.exists()
    in_memory.rmdir()  # empty again


@installed
def test_a_scanner_without_signatures_lets_nothing_through(tmp_path: Path) -> None:
    for broken in (f"{CLAMSCAN} --database={tmp_path / 'none'}", "/nowhere/clamscan"):
        with pytest.raises(ScannerFailed):
            is_clean(photo(), scanner=broken.split())


@installed
@pytest.mark.django_db
def test_what_is_bad_is_refused_with_a_row_in_the_log(cast: Cast, settings: Settings, scanner: str) -> None:
    settings.CLAMAV = scanner
    file = a_file(cast)
    assert added(file, photo(64, 48), by=cast.caseworker)
    with pytest.raises(Refused) as refused:
        added(file, photo(64, 48) + BAD, by=cast.caseworker)
    assert "A virus was found" in str(refused.value.unmet[0].words)
    row = AuditRow.objects.get(act="attachment.infected")
    assert (row.by, row.file_id, row.allowed) == (cast.caseworker.id, file, False)
    assert Attachment.objects.count() == 1


@pytest.mark.django_db
def test_a_scanner_that_fails_keeps_everything_out(cast: Cast, settings: Settings) -> None:
    settings.CLAMAV = "/nowhere/clamdscan"
    with pytest.raises(Unavailable) as refused:
        added(a_file(cast), photo(64, 48), by=cast.caseworker)
    assert "Send the form without it" in str(refused.value.unmet[0].words)
    assert not Attachment.objects.exists()


def test_which_scanner_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", {"clamscan": "/usr/bin/clamscan"}.get)
    assert scanner_on("") == ["/usr/bin/clamscan"]
    monkeypatch.setattr(
        shutil, "which", {"clamscan": "/usr/bin/clamscan", "clamdscan": "/usr/bin/clamdscan"}.get
    )
    assert scanner_on("") == ["/usr/bin/clamdscan"]
    assert scanner_on("clamscan --database=/own") == ["clamscan", "--database=/own"]
    assert scanner_on("none") == []
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert scanner_on("") == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("none", "No virus scanner is used"),
        ("/nowhere/clamdscan", "does not answer, so no attachment is taken"),
    ],
)
def test_the_check_says_how_it_stands(settings: Settings, setting: str, said: str) -> None:
    from tutela.cli.main import main

    settings.CLAMAV = setting
    assert said in CliRunner().invoke(main, ["check"]).output
