"""Give up all rights but those named, then become another program.

    python -I -S landlock_exec.py READ WRITE COMMAND…

READ and WRITE are JSON lists of paths. Imports nothing of ours: it begins every confined command.
Source: https://docs.kernel.org/userspace-api/landlock.html
"""

import ctypes
import json
import os
import signal
import stat
import struct
import sys
from collections.abc import Iterable

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1
_NO_NEW_PRIVILEGES = 38

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = (1 << bit for bit in range(4))
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")


def abi() -> int:
    """The version of Landlock that the kernel speaks; 0 where there is none."""
    if sys.platform != "linux":
        return 0
    return max(0, _libc().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION))


def confine(read: Iterable[str], write: Iterable[str]) -> None:
    """Keep from now on, for this process and its children, nothing but these rights."""
    files, network, scopes = _handled(abi())
    attributes = struct.pack("=QQQ", files, network, scopes)
    rules = _checked(_libc().syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(24), 0))
    for path in read:
        _allow(rules, path, _READ)
    for path in _DEVICES:
        _allow(rules, path, _READ_FILE | _WRITE_FILE)
    for path in write:
        _allow(rules, path, files)
    _checked(_libc().prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    _checked(_libc().syscall(_RESTRICT_SELF, rules, 0))
    os.close(rules)


def _handled(version: int) -> tuple[int, int, int]:
    """The rights over files, the network and other processes that this version can take away."""
    refer, truncate, ioctl = 1 << 13, 1 << 14, 1 << 15
    files = (1 << 13) - 1
    files |= (refer if version >= 2 else 0) | (truncate if version >= 3 else 0)
    files |= ioctl if version >= 5 else 0
    return files, 0b11 if version >= 4 else 0, 0b11 if version >= 6 else 0


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no right
    try:
        folder = stat.S_ISDIR(os.fstat(handle).st_mode)
        handled = _handled(abi())[0]
        rights &= handled if folder else _OF_FILES | (handled & 1 << 14)
        rule = struct.pack("=Qi", rights, handle)
        _checked(_libc().syscall(_ADD_RULE, rules, _PATH_BENEATH, rule, 0))
    finally:
        os.close(handle)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), "Landlock: " + os.strerror(ctypes.get_errno()))
    return result


if __name__ == "__main__":
    confine(json.loads(sys.argv[1]), json.loads(sys.argv[2]))
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # by Python, and then by what it becomes
        signal.signal(ignored, signal.SIG_DFL)
    os.execvp(sys.argv[3], sys.argv[3:])
