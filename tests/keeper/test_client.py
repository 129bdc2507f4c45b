import os
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.keeper.process import TO_STOP, start_keeper, wait_for
from tutela.keeper.client import KeeperClient
from tutela.keeper.errors import KeeperStopped
from tutela.keeper.messages import Wrapped


def test_it_says_so_where_no_keeper_is(folder: Path) -> None:
    with pytest.raises(KeeperStopped):
        KeeperClient(folder / "keeper.sock").status()


def test_it_finds_the_keeper_again_after_a_restart(folder: Path) -> None:
    process = start_keeper(folder)
    client = KeeperClient(folder / "keeper.sock")
    wait_for(client, process)
    before = client.mac("audit", b"batch")

    process.kill()
    process.wait(TO_STOP)
    with pytest.raises(KeeperStopped):
        client.mac("audit", b"batch")
    assert client.epoch is None

    process = start_keeper(folder)
    wait_for(client, process)
    assert client.mac("audit", b"batch") == before
    process.terminate()
    process.wait(TO_STOP)


def test_a_connection_that_broke_is_made_anew_without_anybody_noticing(folder: Path) -> None:
    first = start_keeper(folder)
    client = KeeperClient(folder / "keeper.sock")
    wait_for(client, first)
    first.kill()
    first.wait(TO_STOP)
    second = start_keeper(folder)
    wait_for(KeeperClient(folder / "keeper.sock"), second)  # the first client still has its old connection
    assert client.status()["state"] == "open"
    second.terminate()
    second.wait(TO_STOP)


def test_it_does_not_wait_for_ever(folder: Path) -> None:
    """Somebody accepts and never answers: a stopped process, a machine that hangs."""
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(folder / "keeper.sock"))
        silent.listen()
        client = KeeperClient(folder / "keeper.sock", connect_seconds=0.2, answer_seconds=0.2)
        with pytest.raises(KeeperStopped):
            client.status()


def test_half_an_answer_is_never_taken_for_the_next(folder: Path) -> None:
    """A call that was interrupted leaves an answer behind; the next call must not read that one."""
    process = start_keeper(folder)
    client = KeeperClient(folder / "keeper.sock")
    wait_for(client, process)
    right = client.mac("audit", b"right")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tutela.keeper.frames.receive", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            client.mac("audit", b"wrong")
    assert client.mac("audit", b"right") == right
    process.terminate()
    process.wait(TO_STOP)


def test_many_threads_ask_at_once_and_each_gets_its_own_answers(client: KeeperClient) -> None:
    agency = Wrapped(client.new_agency_key("agency"), "agency")

    def work(number: int) -> bool:
        context = f"file {number} case"
        for _ in range(20):
            (wrapped,) = client.new_file_keys(agency, [context])
            (key,) = client.unwrap([(agency, Wrapped(wrapped, context))])
            mine = client.mac(f"purpose {number}", b"data")
            if key is None or mine != client.mac(f"purpose {number}", b"data"):
                return False
        return True

    with ThreadPoolExecutor(32) as pool:
        assert all(pool.map(work, range(64)))


def test_the_connection_of_a_thread_ends_with_it(folder: Path, client: KeeperClient) -> None:
    client.status()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        _in_a_thread(client.status)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before


def test_a_fork_speaks_on_a_connection_of_its_own(client: KeeperClient) -> None:
    expected = client.mac("audit", b"parent")
    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            good = all(client.mac("audit", b"child") != expected for _ in range(50))
            os._exit(0 if good and client.mac("audit", b"parent") == expected else 1)
        children.append(child)
    assert all(client.mac("audit", b"parent") == expected for _ in range(50))
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4


def _interrupted(*arguments: object, **named: object) -> None:
    raise KeyboardInterrupt


def _in_a_thread(work: Callable[[], object]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
