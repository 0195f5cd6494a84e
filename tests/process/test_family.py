"""The census of descendants beside processes that come and go."""

import subprocess
from threading import Thread

from spec2rtl.process.family import outgrown


def test_a_process_that_ends_meanwhile_has_no_descendants() -> None:
    for _ in range(20):
        child = subprocess.Popen(["true"])
        reaping = Thread(target=child.wait)
        reaping.start()
        while reaping.is_alive():
            assert not outgrown(child.pid, 1)
        reaping.join()
        assert not outgrown(child.pid, 1)
