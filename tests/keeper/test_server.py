import json
import os
import signal
import socket
import stat
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from tests.keeper.process import TO_STOP, running_keeper, start_keeper, wait_for
from tutela.keeper import frames
from tutela.keeper.client import KeeperClient
from tutela.keeper.errors import CannotStart, KeeperStopped
from tutela.keeper.server import check_folder

NOBODY = 65534


def test_only_its_user_and_root_may_speak() -> None:
    assert frames.may_speak(1000, own=1000)
    assert frames.may_speak(0, own=1000)
    assert not frames.may_speak(1001, own=1000)
    assert not frames.may_speak(1001, own=0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_process_of_another_user_is_refused_even_where_it_reaches_the_socket(
    folder: Path, client: KeeperClient
) -> None:
    folder.chmod(0o711)
    (folder / "keeper.sock").chmod(0o666)
    program = (
        "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.settimeout(5)\n"
        "try: s.sendall(bytes([0, 0, 0, 2]) + b'{}'); print(len(s.recv(1)))\n"
        "except ConnectionError: print(0)"
    )
    asked = subprocess.run(
        ["/usr/bin/python3", "-c", program, str(folder / "keeper.sock")],
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stdout.strip() == "0"
    assert "refused a process of another user" in (folder / "keeper.log").read_text()
    assert client.status()["state"] == "open"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_client_tells_nothing_to_the_socket_of_another_user(folder: Path) -> None:
    folder.chmod(0o777)
    path = folder / "keeper.sock"
    program = (
        "import socket, sys; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen()\n"
        "print(flush=True)\n"
        "peer, _ = s.accept(); print(len(peer.recv(1)))"
    )
    stranger = subprocess.Popen(
        ["/usr/bin/python3", "-c", program, str(path)],
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        cwd="/",
        stdout=subprocess.PIPE,
        text=True,
    )
    assert stranger.stdout is not None
    stranger.stdout.readline()
    with pytest.raises(KeeperStopped):
        KeeperClient(path).search_names("Amina", [], limit=5)
    assert stranger.communicate(timeout=TO_STOP)[0].strip() == "0"


def test_the_socket_and_the_key_are_closed_to_others(folder: Path, client: KeeperClient) -> None:
    for name in ("keeper.sock", "keeper.sock.lock", "root.key"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600


def test_it_leaves_no_core_and_cannot_be_traced(folder: Path) -> None:
    process = start_keeper(folder)
    try:
        wait_for(KeeperClient(folder / "keeper.sock"), process)
        limits = Path(f"/proc/{process.pid}/limits").read_text()
        core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
        assert core.split()[4:6] == ["0", "0"]
        # What cannot be dumped belongs to root in /proc, whoever runs it.
        assert Path(f"/proc/{process.pid}/environ").stat().st_uid == 0
    finally:
        process.terminate()
        process.wait(TO_STOP)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_though_somebody_is_connected(folder: Path, number: signal.Signals) -> None:
    process = start_keeper(folder)
    client = KeeperClient(folder / "keeper.sock")
    wait_for(client, process)
    process.send_signal(number)
    process.send_signal(number)
    assert process.wait(TO_STOP) == 0
    assert not (folder / "keeper.sock").exists()
    assert "Traceback" not in (folder / "keeper.log").read_text()


def test_it_replaces_the_socket_of_a_dead_keeper(folder: Path) -> None:
    process = start_keeper(folder)
    wait_for(KeeperClient(folder / "keeper.sock"), process)
    process.kill()
    process.wait(TO_STOP)
    assert (folder / "keeper.sock").exists()
    with running_keeper(folder) as client:
        assert client.status()["state"] == "open"


def test_it_leaves_the_socket_of_a_living_keeper(folder: Path, client: KeeperClient) -> None:
    epoch = client.status()["epoch"]
    second = start_keeper(folder)
    assert second.wait(TO_STOP) == 2
    assert "answers at" in (folder / "keeper.log").read_text()
    assert client.status()["epoch"] == epoch


def test_it_leaves_a_file_that_is_no_socket(folder: Path) -> None:
    (folder / "keeper.sock").write_text("something of value")
    assert start_keeper(folder).wait(TO_STOP) == 2
    assert "is not a socket" in (folder / "keeper.log").read_text()
    assert (folder / "keeper.sock").read_text() == "something of value"


def test_it_refuses_a_folder_into_which_others_can_write(folder: Path) -> None:
    for mode in (0o770, 0o702, 0o777):
        folder.chmod(mode)
        with pytest.raises(CannotStart, match="chmod 700"):
            check_folder(folder)
    folder.chmod(0o755)
    check_folder(folder)
    with pytest.raises(CannotStart, match="does not exist"):
        check_folder(folder / "missing")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_it_refuses_a_folder_of_somebody_else(folder: Path) -> None:
    os.chown(folder, NOBODY, NOBODY)
    with pytest.raises(CannotStart, match="chown"):
        check_folder(folder)


def test_a_path_too_long_for_a_socket_is_refused_in_words(folder: Path) -> None:
    deep = folder / ("long" * 30)
    deep.mkdir(mode=0o700)
    assert start_keeper(deep).wait(TO_STOP) == 2
    assert "Choose a shorter path" in (deep / "keeper.log").read_text()


def test_a_key_in_a_file_is_for_demonstrations_only(folder: Path) -> None:
    asked = subprocess.run(
        [
            *(sys.executable, "-m", "tutela.keeper", "--socket", str(folder / "keeper.sock")),
            *("--key-file", str(folder / "root.key")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 2
    assert "--demonstration" in asked.stderr
    assert not list(folder.iterdir())


HEADER = struct.Struct("!I")


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        HEADER.pack(frames.MOST_BYTES + 1),
        HEADER.pack(0xFFFFFFFF) + b"{",
        HEADER.pack(0),
        HEADER.pack(4) + b"{..}",
        HEADER.pack(2) + b"\xff\xfe",
        HEADER.pack(200_000) + b"[" * 200_000,
        HEADER.pack(19) + b'{"base64": "%%%%%"}',
    ],
)
def test_a_malformed_frame_closes_that_connection_only(
    folder: Path, client: KeeperClient, sent: bytes
) -> None:
    other = _connected(folder)
    with _connected(folder) as spoiled:
        spoiled.sendall(sent)
        assert _hung_up(spoiled)
    with other:
        other.sendall(frames.pack({"do": "status", "with": {}}))
        assert frames.receive(other, seconds=5)["answer"]["state"] == "open"
    assert client.status()["state"] == "open"


def test_a_frame_cut_short_ends_that_connection_only(folder: Path, client: KeeperClient) -> None:
    with _connected(folder) as connection:
        connection.sendall(HEADER.pack(100) + b"{")
        connection.shutdown(socket.SHUT_WR)
        assert _hung_up(connection)
    assert client.status()["state"] == "open"


def test_frames_of_any_allowed_length_pass_and_longer_ones_are_not_sent(client: KeeperClient) -> None:
    people = [(f"{number:032x}", 1) for number in range(50_000)]
    assert client.search_names("Amina", people, limit=5).missing == [person for person, _ in people]
    with pytest.raises(frames.Malformed):
        client.mac("audit", bytes(frames.MOST_BYTES))
    assert len(client.mac("audit", bytes(64 * 1024))) == 32


def test_nothing_that_was_said_is_written_down(folder: Path, client: KeeperClient) -> None:
    client.put_names([("0" * 32, 1, ["Quillinora Vexhaven"])])
    client.search_names("Quillinora", [("0" * 32, 1)], limit=5)
    with _connected(folder) as connection:
        connection.sendall(HEADER.pack(40) + json.dumps({"Quillinora": "Vexhaven"}).encode().ljust(40))
        frames.receive(connection, seconds=5)
    client.lock()
    for file in folder.iterdir():
        if file.is_file():
            assert b"uillinora" not in file.read_bytes()


def _connected(folder: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(5)
    connection.connect(str(folder / "keeper.sock"))
    return connection


def _hung_up(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:  # it hung up before it had read everything
        return True


def test_its_memory_is_never_swapped_out_or_it_says_so(folder: Path) -> None:
    process = start_keeper(folder)
    try:
        wait_for(KeeperClient(folder / "keeper.sock"), process)
        status = Path(f"/proc/{process.pid}/status").read_text()
        kept = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmLck"))
        assert (kept > 0) != ("can be swapped out" in (folder / "keeper.log").read_text())
    finally:
        process.terminate()
        process.wait(TO_STOP)
