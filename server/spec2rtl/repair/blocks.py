"""Search/replace blocks in a reply.

<<<<<<< SEARCH
the text as it is
=======
the text as it shall be
>>>>>>> REPLACE
"""

import re

from msgspec import Struct

from spec2rtl.repair.edits import Edit

_SEARCH = re.compile(r"[ \t]*<{5,9} ?SEARCH[ \t]*")
_DIVIDER = re.compile(r"[ \t]*={5,9}[ \t]*")
_REPLACE = re.compile(r"[ \t]*>{5,9} ?REPLACE[ \t]*")


class Malformed(Struct, frozen=True):
    """Why the blocks can't be read."""

    why: str


def has_edit_blocks(reply: str) -> bool:
    """Does a line of the reply begin a block?"""
    return any(_SEARCH.fullmatch(line) for line in reply.split("\n"))


def read_edit_blocks(reply: str) -> tuple[Edit, ...] | Malformed:
    """Read all blocks; what is around them is prose."""
    edits: list[Edit] = []
    search: list[str] | None = None
    replace: list[str] | None = None
    for line in reply.split("\n"):
        if _SEARCH.fullmatch(line):
            if search is not None:
                break
            search = []
        elif search is not None and replace is None and _DIVIDER.fullmatch(line):
            replace = []
        elif search is not None and replace is not None and _REPLACE.fullmatch(line):
            edits.append(Edit("\n".join(search), "\n".join(replace)))
            search = replace = None
        elif replace is not None:
            replace.append(line)
        elif search is not None:
            search.append(line)
    if search is not None:
        part = "its `=======`" if replace is None else "its `>>>>>>> REPLACE`"
        return Malformed(f"search/replace block {len(edits) + 1} lacks {part}")
    return tuple(edits)
