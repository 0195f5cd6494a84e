"""The cone of influence of signals: the lines and names that their values can depend on."""

from collections import deque
from collections.abc import Iterable, Iterator

from msgspec import Struct

from spec2rtl.evidence.netlist import ALL, Driver, Instance, Netlist
from spec2rtl.syntax.expression import Form


class Node(Struct, frozen=True):
    """A name of one instance; `path` is that of the instance, such as `top.unit`."""

    path: str
    module: str
    name: str

    @property
    def full(self) -> str:
        """The name that a recording gives it."""
        return f"{self.path}.{self.name}"


class Line(Struct, frozen=True):
    """A line of RTL; `distance` counts the names between it and the signals asked about."""

    file: str
    line: int
    distance: int


class Cone(Struct, frozen=True):
    """Lines and names, the nearest first; `distances` are those of the names."""

    lines: tuple[Line, ...]
    distances: dict[Node, int]

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The names, the nearest first."""
        return tuple(self.distances)


class Step(Struct, frozen=True):
    """One way for a name to get its value: the lines that say so, and the names it takes.

    `driver` is None where the value comes through a port.
    """

    file: str
    lines: frozenset[int]
    reads: tuple[Node, ...]
    driver: Driver | None = None


def cone(hierarchy: "Hierarchy", names: Iterable[str]) -> Cone:
    """Follow names of the top module to all that they can depend on, through instances."""
    start = [hierarchy.node(name) for name in names]
    distances = dict.fromkeys(start, 0)
    lines: dict[tuple[str, int], int] = {}
    pending = deque(start)
    while pending:
        node = pending.popleft()
        distance = distances[node]
        for step in hierarchy.steps(node):
            for line in step.lines:
                lines.setdefault((step.file, line), distance)
            for read in step.reads:
                if read not in distances:
                    distances[read] = distance + 1
                    pending.append(read)
    found = sorted((n, file, line) for (file, line), n in lines.items())
    return Cone(tuple(Line(file, line, n) for n, file, line in found), distances)


class Hierarchy:
    """A design's modules below its top; what is above an instance is known once it was entered."""

    def __init__(self, known: dict[str, Netlist], top: str) -> None:
        self.known, self.top = known, top
        self._above: dict[str, tuple[str, str, Instance]] = {}
        self._modules: dict[str, str | None] = {top: top}

    def node(self, name: str) -> Node:
        """A name of the top module."""
        return Node(self.top, self.top, name)

    def drivers(self, node: Node) -> tuple[Driver, ...]:
        """What gives a name its value, other than through a port."""
        netlist = self.known.get(node.module)
        return netlist.drivers.get(node.name, ()) if netlist else ()

    def forms(self, names: Iterable[str]) -> dict[str, Form]:
        """How those of some full names are read that are not read plainly."""
        found: dict[str, Form] = {}
        for full in names:
            path, _, name = full.rpartition(".")
            netlist = self.known.get(self._module(path) or "")
            if netlist and name in netlist.forms:
                found[full] = netlist.forms[name]
        return found

    def _module(self, path: str) -> str | None:
        """The module of an instance."""
        if path not in self._modules:
            above, _, name = path.rpartition(".")
            outer = self.known.get(self._module(above) or "") if above else None
            inner = (one.module for one in (outer.instances if outer else ()) if one.name == name)
            self._modules[path] = next(inner, None)
        return self._modules[path]

    def steps(self, node: Node) -> Iterator[Step]:
        """All that a name depends on at one remove."""
        netlist = self.known.get(node.module)
        if netlist is None:
            return
        for driver in netlist.drivers.get(node.name, ()):
            reads = _nodes(netlist, node.path, driver.reads)
            yield Step(netlist.file.path, driver.lines, reads, driver)
        for instance in netlist.instances:
            yield from self._below(node, netlist, instance)
        if node.path in self._above:
            yield from self._outside(node)

    def _below(self, node: Node, netlist: Netlist, instance: Instance) -> Iterator[Step]:
        """An instance with the name at one of its outputs."""
        path = f"{node.path}.{instance.name}"
        if path.count(".") > len(self.known):  # a module inside itself
            return
        for port, direction, names, lines in self._connected(instance):
            if node.name in names and direction != "input":
                self._above[path] = node.path, node.module, instance
                entered = (Node(path, instance.module, port),) if port else ()
                yield Step(netlist.file.path, lines, entered)

    def _outside(self, node: Node) -> Iterator[Step]:
        """What is connected to the input that the name is."""
        path, module, instance = self._above[node.path]
        netlist = self.known[module]
        for port, direction, names, lines in self._connected(instance):
            if port == node.name and direction != "output":
                yield Step(netlist.file.path, lines, _nodes(netlist, path, names))

    def _connected(
        self, instance: Instance
    ) -> Iterator[tuple[str, str, frozenset[str], frozenset[int]]]:
        """Port, direction, names and lines of each connection; no port where it isn't known."""
        inside = self.known.get(instance.module)
        ports = inside.scope.module.interface.ports if inside else ()
        directions: dict[str, str] = {port.name: port.direction for port in ports}
        for port, (names, lines) in instance.connections.items():
            if port == ALL:
                rest = directions.keys() - instance.connections.keys()
                for name in sorted(rest):
                    yield name, directions[name], frozenset((name,)), lines
                continue
            own = ports[port].name if isinstance(port, int) and port < len(ports) else str(port)
            known = own in directions
            yield own if known else "", directions[own] if known else "", names, lines


def _nodes(netlist: Netlist, path: str, names: Iterable[str]) -> tuple[Node, ...]:
    known = (name for name in sorted(names) if name in netlist.drivers)
    return tuple(Node(path, netlist.scope.module.name, name) for name in known)
