"""`tutela protocol`: what it prints, and what it refuses in one sentence."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.protocols.conftest import HEADER, RULE
from tutela.cli.main import main

HIGH = (
    "--risk high --referred 2024-03-04T09:30 --registered 2024-03-04T15:10 --risk-set 2024-03-04T15:30 "
    "--assessed 2024-03-05T10:00 --planned 2024-03-08T11:00 --contacts 2024-03-06T10:00,2024-03-09T10:00"
)


def run(command: str, *more: str) -> Result:
    return CliRunner().invoke(main, ["protocol", *command.split(), *more])


def rows(command: str) -> list[dict[str, str]]:
    done = run(f"{command} --json")
    assert done.exit_code == 0, done.stderr
    found: list[dict[str, str]] = json.loads(done.stdout)
    return found


def test_deadlines_are_printed_as_json_in_the_order_of_casework() -> None:
    found = rows(f"deadlines {HIGH} --tz Africa/Nairobi")
    assert [(row["step"], row["due_at"], row["overdue_after"]) for row in found] == [
        ("registration", "2024-03-05T09:30:00+03:00", "2024-03-05T09:30:00+03:00"),
        ("initial_assessment", "2024-03-05T15:10:00+03:00", "2024-03-06T15:10:00+03:00"),
        ("assessment", "2024-03-04T15:10:00+03:00", "2024-03-04T23:59:59+03:00"),
        ("assessment", "2024-03-11T23:59:59+03:00", "2024-03-11T23:59:59+03:00"),
        ("case_plan", "2024-03-08T23:59:59+03:00", "2024-03-08T23:59:59+03:00"),
        ("implementation", "2024-03-08T11:00:00+03:00", "2024-03-08T23:59:59+03:00"),
        ("follow_up", "2024-03-13T23:59:59+03:00", "2024-03-13T23:59:59+03:00"),
        ("review", "2024-06-08T23:59:59+03:00", "2024-06-08T23:59:59+03:00"),
    ]
    assert {tuple(row) for row in found} == {("step", "due_at", "overdue_after", "rule", "citation")}
    assert [row["rule"].rpartition(".")[2] for row in found if row["step"] == "assessment"] == [
        "start",
        "finish",
    ]
    assert all(row["citation"] for row in found)


def test_without_a_zone_times_are_those_of_greenwich() -> None:
    (one,) = rows("deadlines --risk medium --referred 2024-03-04T09:30")
    assert one["due_at"] == one["overdue_after"] == "2024-03-07T23:59:59Z"


def test_a_time_with_an_offset_is_that_moment_whatever_the_zone() -> None:
    (one,) = rows("deadlines --risk high --referred 2024-03-04T09:30:00Z --tz Africa/Nairobi")
    assert one["due_at"] == "2024-03-05T12:30:00+03:00"


def test_a_zone_that_happens_to_be_at_greenwich_is_no_utc() -> None:
    (one,) = rows("deadlines --risk high --referred 2024-03-04T09:30 --tz Africa/Accra")
    assert one["due_at"] == "2024-03-05T09:30:00+00:00"


def test_the_pack_of_2014_can_be_asked() -> None:
    (one,) = rows("deadlines --risk low --risk-set 2024-03-05T10:00 --pack legacy_2014")
    assert (one["due_at"], one["overdue_after"]) == ("2024-03-19T23:59:59Z", "2024-03-19T23:59:59Z")
    assert one["citation"].startswith("S1 3.2")


def test_without_a_risk_level_the_clock_of_high_risk_runs() -> None:
    (one,) = rows("deadlines --referred 2024-03-04T09:30")
    assert one["rule"] == "deadline.high.registration"


def test_a_review_can_be_given() -> None:
    found = rows("deadlines --risk low --planned 2024-01-10T09:00 --reviewed 2024-03-05T09:00")
    assert next(row["due_at"] for row in found if row["step"] == "review") == "2024-06-05T23:59:59Z"


def test_without_json_there_is_a_table() -> None:
    done = run(f"deadlines {HIGH}")
    heading, first, *_ = done.stdout.splitlines()
    assert heading.split() == ["step", "due", "at", "overdue", "after", "rule", "citation"]
    assert first.startswith("registration")
    assert heading.index("rule") == first.index("deadline.high")


@pytest.mark.parametrize(("options", "printed"), [("", "No clock has started.\n"), ("--json", "[]\n")])
def test_without_any_time_nothing_is_due(options: str, printed: str) -> None:
    assert run(f"deadlines {options}").stdout == printed


def test_consent_by_age_is_printed_as_json() -> None:
    done = run("consent --age 11 --json")
    assert json.loads(done.stdout) == {
        "band": "6-11",
        "child": "assent",
        "caregiver": "consent",
        "citation": "S2 §3.4-1 (consent by age); R8, R16",
    }


def test_without_an_age_every_band_is_printed() -> None:
    assert [row["band"] for row in rows("consent")] == ["0-5", "6-11", "12-14", "15-17"]
    assert len(run("consent --age 5").stdout.splitlines()) == 2


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("deadlines --risk severe --referred 2024-03-04T09:30", "There is no risk level 'severe'"),
        ("deadlines --risk severe", "There is no risk level 'severe'"),
        ("deadlines --tz Mars/Olympus", "There is no time zone 'Mars/Olympus'"),
        ("deadlines --tz ../../etc/passwd", "There is no time zone"),
        ("deadlines --tz Africa", "There is no time zone 'Africa'"),
        ("deadlines --pack nowhere", "There is no pack “nowhere”"),
        ("deadlines --referred yesterday", "--referred: 'yesterday' is not a time"),
        ("deadlines --registered 2024-02-30T09:30", "--registered: '2024-02-30T09:30' is not a time"),
        ("deadlines --registered 2023-02-29T09:30", "is not a time"),
        ("deadlines --assessed 2024-03-04T25:00", "is not a time"),
        ("deadlines --planned 2024-03-04T09:30+99:00", "is not a time"),
        ("deadlines --contacts 2024-03-04T09:30,,2024-03-05T09:30", "--contacts: '' is not a time"),
        ("deadlines --contacts 2024-03-04T09:30,soon", "--contacts: 'soon' is not a time"),
        ("deadlines --risk-set 2024-03-31T02:30 --tz Europe/Berlin", "did not exist in Europe/Berlin"),
        ("deadlines --referred 9999-12-31T09:30", "too near the end of the calendar"),
        ("deadlines --referred 0001-01-01T00:00 --tz Africa/Nairobi", "is not a time"),
        ("deadlines --referred 1989-01-01T00:00", "has no value"),
        ("deadlines --referred", "requires an argument"),
        ("deadlines --moon full", "No such option"),
        ("deadlines 2024-03-04", "unexpected extra argument"),
        ("consent --age -1", "Consent by age is for children of 0 to 17 completed years; -1 is outside."),
        ("consent --age 18", "18 is outside"),
        ("consent --age eleven", "'eleven' is not an age"),
        ("consent --age 11.5", "'11.5' is not an age"),
        ("consent --age ١١", "is not an age"),
        ("consent --pack nowhere", "There is no pack"),
        ("check nowhere", "There is no pack “nowhere”"),
        ("check ./nowhere", "There is no folder"),
        ("check", "Missing argument"),
        ("decide", "No such command"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(command: str, said: str) -> None:
    done = run(command)
    assert done.exit_code == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""
    assert isinstance(done.exception, SystemExit)


def test_a_zone_without_a_name_is_refused() -> None:
    done = run("deadlines", "--tz", "")
    assert done.exit_code == 2
    assert "There is no time zone ''" in done.stderr


@pytest.mark.parametrize("name", ["interagency_2024", "legacy_2014"])
def test_the_packs_of_the_installation_pass_their_check(name: str) -> None:
    done = run(f"check {name}")
    assert (done.exit_code, done.stdout) == (0, f"{name}: nothing to mend.\n")


def test_what_is_to_mend_in_a_pack_is_printed_with_file_and_line(tmp_path: Path) -> None:
    folder = tmp_path / "country"
    folder.mkdir()
    (folder / "pack.yaml").write_text(HEADER.format(name="country") + "extends: interagency_2024\n")
    (folder / "rules.yaml").write_text(RULE.replace("  source: Invented, section 1\n", ""))
    done = run("check", str(folder))
    assert done.exit_code == 1
    assert done.stdout.endswith("country/rules.yaml:1: “source” is missing.\n")


def test_a_pack_that_asks_for_mending_is_refused_elsewhere_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "pack.yaml").write_text("name: broken\n")
    monkeypatch.setattr("tutela.protocols.packs.PACKS", tmp_path)
    done = run("deadlines --pack broken")
    assert done.exit_code == 2
    assert "pack.yaml:1: “title” is missing. (2 more)" in done.stderr


def test_the_packs_are_listed() -> None:
    listed = run("list").stdout
    assert "interagency_2024  2026-11-22  Inter-agency guidelines, 2nd edition" in listed
    assert "legacy_2014" in listed


def test_it_needs_no_django() -> None:
    asked = "import sys; from tutela.cli import protocol; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


def test_it_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tutela.cli.main", "protocol", "consent", "--age", "18"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_the_help_names_every_command() -> None:
    done = CliRunner().invoke(main, ["--help"])
    assert done.exit_code == 0
    assert "Show and check the rules that casework follows." in done.stdout
    assert {"deadlines", "consent", "check", "list"} <= set(run("--help").stdout.split())
