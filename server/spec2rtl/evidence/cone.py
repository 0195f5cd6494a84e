"""The cone of influence of signals: the lines and names that their values can depend on."""

from collections import deque
from collections.abc import Iterable, Iterator

from msgspec import Struct, structs

from spec2rtl.evidence.netlist import Driver, Instance, Netlist
from spec2rtl.syntax.expression import Form
from spec2rtl.syntax.instances import ALL


class Node(Struct, frozen=True):
    """A name of one instance; `path` is that of the instance, such as `top.unit`.

    `word` is the number of a memory's word.
    """

    path: str
    module: str
    name: str
    word: int | None = None

    @property
    def full(self) -> str:
        """The name that a recording gives it."""
        return f"{self.path}.{self.name}" + ("" if self.word is None else f"[{self.word}]")

    @property
    def whole(self) -> "Node":
        """The memory that a word is of, else the same."""
        return structs.replace(self, word=None)


class Line(Struct, frozen=True):
    """A line of RTL; `distance` counts the names between it and the signals asked about."""

    file: str
    line: int
    distance: int


class Cone(Struct, frozen=True):
    """Lines and names, the nearest first, of lines as near those that only declare last.

    `distances` are those of the names.
    """

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
    lines: dict[tuple[str, int], tuple[int, bool]] = {}
    pending = deque(start)
    while pending:
        node = pending.popleft()
        distance = distances[node]
        for step in hierarchy.steps(node):
            declares = step.driver is not None and step.driver.declares
            for line in step.lines:
                place, rank = (step.file, line), (distance, declares)
                lines[place] = min(lines.get(place, rank), rank)
            for read in step.reads:
                if read not in distances:
                    distances[read] = distance + 1
                    pending.append(read)
    found = sorted((rank, place) for place, rank in lines.items())
    return Cone(tuple(Line(*place, distance) for (distance, _), place in found), distances)


class Hierarchy:
    """A design's modules below its top.

    `recorded` are the full names of a recording: they tell where generate blocks and arrays of
    instances are, as in `top.g[2].unit.count`. A node's path may be that of such a block.
    """

    def __init__(self, known: dict[str, Netlist], top: str, recorded: Iterable[str] = ()) -> None:
        self.known, self.top = known, top
        self._recorded = frozenset(recorded)
        self._homes: dict[str, tuple[str, str | None]] = {top: (top, top)}
        self._blocks: dict[str, list[str]] = {}
        for path in sorted({full.rpartition(".")[0] for full in self._recorded}):
            self._blocks.setdefault(self.home(path)[0], []).append(path)

    def node(self, name: str) -> Node:
        """A name of the top module, or one below it such as `unit.count`."""
        path, _, last = f"{self.top}.{name}".rpartition(".")
        return Node(path, self.home(path)[1] or self.top, last)

    def home(self, path: str) -> tuple[str, str | None]:
        """The instance that a path is of or that its block is in, and its module if it is known."""
        if path not in self._homes:
            above, inner = path.rpartition(".")[0], self._instance(path)
            self._homes[path] = (
                (path, inner.module) if inner else self.home(above) if above else (path, None)
            )
        return self._homes[path]

    def _instance(self, path: str) -> Instance | None:
        """The instance that a path is of, if it is one's."""
        above, _, name = path.rpartition(".")
        outer = self.known.get(self.home(above)[1] or "") if above else None
        label = name.partition("[")[0]
        return next((one for one in (outer.instances if outer else ()) if one.name == label), None)

    def beside(self, node: Node, name: str) -> Node:
        """What a name means where a node is: that of the innermost block which has it."""
        home, path = self.home(node.path)[0], node.path
        while path != home and f"{path}.{name}" not in self._recorded:
            path = path.rpartition(".")[0]
        return Node(path, node.module, name)

    def drivers(self, node: Node) -> tuple[Driver, ...]:
        """What gives a name its value, other than through a port."""
        netlist = self.known.get(node.module)
        return netlist.drivers.get(node.name, ()) if netlist else ()

    def forms(self, names: Iterable[str]) -> dict[str, Form]:
        """How those of some full names are read that are not read plainly."""
        found: dict[str, Form] = {}
        for full in names:
            path, _, name = full.rpartition(".")
            netlist = self.known.get(self.home(path)[1] or "")
            form = netlist and netlist.forms.get(name.partition("[")[0])
            if form:
                found[full] = form
        return found

    def steps(self, node: Node) -> Iterator[Step]:
        """All that a name depends on at one remove."""
        netlist = self.known.get(node.module)
        if netlist is None:
            return
        for driver in netlist.drivers.get(node.name, ()):
            reads = tuple(self._named(netlist, node.path, driver.reads))
            yield Step(netlist.file.path, driver.lines, reads, driver)
        for instance in netlist.instances:
            yield from self._below(node, netlist, instance)
        if around := self._instance(node.path):
            yield from self._outside(node, around)

    def _named(self, netlist: Netlist, path: str, names: Iterable[str]) -> Iterator[Node]:
        """What names mean in a block: where it has none of a name, those of all blocks below."""
        home, module = self.home(path)[0], netlist.scope.module.name
        for name in sorted(names):
            if name not in netlist.drivers:
                continue
            found = self.beside(Node(path, module, name), name)
            inner = [
                Node(block, module, name)
                for block in self._blocks.get(home, ())
                if found.path == home and f"{block}.{name}" in self._recorded
            ]
            yield from (found,) if found.full in self._recorded or not inner else inner

    def _below(self, node: Node, netlist: Netlist, instance: Instance) -> Iterator[Step]:
        """An instance with the name at one of its outputs."""
        for port, direction, names, lines in self._connected(instance):
            if node.name in names and direction != "input":
                for path in self._places(node.path, instance):
                    entered = (Node(path, instance.module, port),) if port else ()
                    yield Step(netlist.file.path, lines, entered)

    def _places(self, path: str, instance: Instance) -> list[str]:
        """Where an instance is, seen from a block: in an array or in generate blocks, in many."""
        home = self.home(path)[0]
        found = [
            place
            for place in self._blocks
            if place.startswith(f"{path}.")
            and place.rpartition(".")[2].partition("[")[0] == instance.name
            and self.home(place.rpartition(".")[0])[0] == home
        ]
        inside_itself = path.count(".") >= len(self.known)
        return found if found or inside_itself else [f"{path}.{instance.name}"]

    def _outside(self, node: Node, instance: Instance) -> Iterator[Step]:
        """What is connected to the input that the name is."""
        path = node.path.rpartition(".")[0]
        netlist = self.known[self.home(path)[1] or ""]
        for port, direction, names, lines in self._connected(instance):
            if port == node.name and direction != "output":
                yield Step(netlist.file.path, lines, tuple(self._named(netlist, path, names)))

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
