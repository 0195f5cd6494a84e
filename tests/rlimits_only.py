"""Become another program, with no sandbox that works for it: python -I rlimits_only.py COMMAND…

Landlock takes sixteen layers and forbids mounts beneath the first: after that, neither Landlock
nor bubblewrap can be had. These layers themselves forbid nothing else.
"""

import ctypes
import os
import struct
import sys

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_NO_NEW_PRIVILEGES = 38
_EXECUTE = 1
_LAYERS = 16


def exhaust() -> None:
    """Take all layers, each with the right to execute whatever there is."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    for _ in range(_LAYERS):
        rules = libc.syscall(_CREATE_RULESET, struct.pack("=Q", _EXECUTE), ctypes.c_size_t(8), 0)
        root = os.open("/", os.O_PATH)
        libc.syscall(_ADD_RULE, rules, 1, struct.pack("=Qi", _EXECUTE, root), 0)
        libc.syscall(_RESTRICT_SELF, rules, 0)
        os.close(root)
        if rules >= 0:
            os.close(rules)


if __name__ == "__main__":
    exhaust()
    os.execvp(sys.argv[1], sys.argv[1:])
