"""An interface as the head of a Verilog module."""

from spec2rtl.rtl import Interface, Language, Port


def header(
    interface: Interface, language: Language, registers: frozenset[str] = frozenset()
) -> str:
    """Write an ANSI module header up to its `);`, one port per line, no newline at its end.

    `registers` are the outputs that an `always` block drives: `reg` in Verilog.
    """
    lines = [f"module {interface.module}"]
    if interface.parameters:
        # Verilog knows no parameter without a value; 1 is the smallest width.
        parameters = [f"parameter {p.name} = {p.default or '1'}" for p in interface.parameters]
        lines[0] += " #("
        lines += _listed(parameters)
        lines.append(")")
    lines[-1] += " ("
    lines += _listed([_port(port, language, registers) for port in interface.ports])
    lines.append(");")
    return "\n".join(lines)


def _listed(items: list[str]) -> list[str]:
    return [f"    {item}{',' if n < len(items) else ''}" for n, item in enumerate(items, start=1)]


def _port(port: Port, language: Language, registers: frozenset[str]) -> str:
    kind = "logic"
    if language == "verilog" or port.direction == "inout":
        is_register = port.direction == "output" and port.name in registers
        kind = "reg" if is_register else "wire"
    signed = "signed" if port.signed else ""
    return " ".join(word for word in (port.direction, kind, signed, port.range, port.name) if word)
