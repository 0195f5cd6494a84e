"""What is asked of every recording: what never moved, and how many words were handed over."""

from msgspec import Struct

from spec2rtl.evidence.cone import Cone
from spec2rtl.evidence.cycles import Moments
from spec2rtl.evidence.wave import Recording

_PAIRS = (("valid", "ready"), ("vld", "rdy"), ("req", "ack"), ("req", "gnt"))


class Handshake(Struct, frozen=True):
    """How often both signals of a pair were high at an edge of the clock, within the test."""

    valid: str
    ready: str
    count: int


def still(recording: Recording, cone: Cone, when: Moments) -> tuple[tuple[str, str], ...]:
    """The signals of a cone that kept one value while the test ran, with that value.

    An edge at which the test begins took what was there before.
    """
    found: list[tuple[str, str]] = []
    for node in cone.nodes:
        trace = recording.names.get(node.full)
        if trace is None or not trace.times:
            continue
        value = trace.at(recording.failed)
        moved = any(recording.began < time <= recording.failed for time in trace.times)
        if not moved and all(trace.before(edge) == value for edge in when.edges[:1]):
            found.append((node.full, value))
    return tuple(found)


def handshakes(recording: Recording, when: Moments) -> tuple[Handshake, ...]:
    """Count the transfers of each pair such as `in_valid` and `in_ready`."""
    found: list[Handshake] = []
    for full, trace in recording.names.items():
        path, _, name = full.rpartition(".")
        for valid, ready in _PAIRS:
            before, word, after = name.rpartition(valid)
            if not word or trace.width != 1:
                continue
            partner = recording.names.get(f"{path}.{before}{ready}{after}")
            if partner is not None and partner.width == 1:
                both = [t for t in when.edges if trace.before(t) == partner.before(t) == "1"]
                found.append(Handshake(full, partner.name, len(both)))
    return tuple(found)
