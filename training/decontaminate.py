"""Stage 3: take out what is, or nearly is, a benchmark's problem.

    python -m training.decontaminate build/training/tasks.jsonl --forbid ../shared/data \\
        --out build/training/clean.jsonl --report build/training/decontamination.md

Two measures. Words: a run of 13 words that a benchmark's text has too. Structure: RTL with all
names and numbers made alike, of whose runs of 12 tokens a benchmark's design has most, whatever the
order of its items; a body too short for such a run counts where a benchmark has the very same one,
its names and numbers included.
The paper trained its RL on the very prompts that it evaluates; here both trainers refuse such data
when they are told the benchmarks: by a recipe's `forbidden`, `--forbid` or SPEC2RTL_BENCHMARKS.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from msgspec import Struct

from spec2rtl.errors import InputError
from spec2rtl.syntax.lexer import Kind, Token, code
from spec2rtl.syntax.modules import modules
from training.entry import arguments_of, say, script
from training.records import Sample, read, write

WORDS = 13
TOKENS = 12
SHARE = 0.7
"""Of a design's runs of tokens: from here on it counts as the same design."""
_ITEMS = frozenset(
    """
    assign always always_ff always_comb always_latch initial function task generate genvar wire reg
    logic integer parameter localparam typedef endmodule
    """.split()  # noqa: SIM905
)
"""An item begins with one of them: no run goes beyond it, so that the order of items says nothing."""
_ALIKE = {"reg": "logic", "wire": "logic", "always_ff": "always", "always_latch": "always"}
_RTL = {".v", ".sv", ".vh", ".svh"}
_TEXT = {".txt", ".md"}


class Hit(Struct, frozen=True):
    """Why a sample is forbidden: the problem's place and what it shares with it."""

    id: str
    where: str
    what: str


class Forbidden:
    """The texts and designs of benchmarks, indexed."""

    def __init__(self, folders: Iterable[Path]) -> None:
        """Raises `InputError` for a folder without anything in it: a typo would forbid nothing."""
        self._words: dict[str, str] = {}
        self._designs: dict[str, Counter[str]] = {}
        self._bodies: dict[str, str] = {}
        self.problems = 0
        for folder in folders:
            before = self.problems
            for where, text in _texts(folder):
                self._add(where, text)
            if self.problems == before:
                raise InputError(f"{folder}: no benchmark found (no prompts, JSON lines or RTL)")

    def _add(self, where: str, text: str) -> None:
        self.problems += 1
        for gram in _word_grams(text):
            self._words.setdefault(gram, where)
        grams = _structure(text)
        if grams:
            self._designs[where] = grams
        for body in _short_bodies(text):
            self._bodies.setdefault(body, where)

    def hit(self, sample: Sample) -> Hit | None:
        """The first thing that a sample shares with a benchmark."""
        asked = [m.content for m in sample.prompt if m.role == "user"]
        answers = [m.content for m in sample.completion]
        for gram in (gram for text in (*asked, *answers) for gram in _word_grams(text)):
            if gram in self._words:
                return Hit(sample.id, self._words[gram], f"the words “{gram}”")
        for text in (sample.rtl, sample.base, *answers):
            for body in _short_bodies(text):
                if body in self._bodies:
                    return Hit(sample.id, self._bodies[body], f"the body “{body}”")
            grams = _structure(text)
            for where, known in self._designs.items():
                share = (grams & known).total() / grams.total() if grams else 0.0
                if share >= SHARE:
                    return Hit(sample.id, where, f"{share:.0%} of the design's structure")
        return None

    def split(self, samples: Sequence[Sample]) -> tuple[list[Sample], list[Hit]]:
        """Part what may be trained on from what may not."""
        hits = [hit for sample in samples if (hit := self.hit(sample))]
        bad = {hit.id for hit in hits}
        return [s for s in samples if s.id not in bad], hits


ENVIRONMENT = "SPEC2RTL_BENCHMARKS"
"""Names folders of benchmarks, for whoever trains without the pipeline."""


def folders_of(recipe: Sequence[str], given: Sequence[str]) -> tuple[str, ...]:
    """All folders of benchmarks that a run was told of: by recipe, command line, environment."""
    known = os.environ.get(ENVIRONMENT, "").split(os.pathsep)
    return tuple(dict.fromkeys(filter(None, (*recipe, *given, *known))))


def refuse(samples: Sequence[Sample], folders: Sequence[str], data: Path) -> None:
    """Raise `InputError` where data holds a benchmark's problem; without folders, say so."""
    if not folders:
        say(
            f"warning: {data}: not held against any benchmark; name their folders by --forbid, "
            f"{ENVIRONMENT} or the recipe's `forbidden`"
        )
    if folders and (hits := Forbidden(map(Path, folders)).split(samples)[1]):
        first = hits[0]
        raise InputError(
            f"{data}: {len(hits)} samples are a benchmark's problems, the first {first.id} "
            f"({first.where}: {first.what}); run training.decontaminate"
        )


# --- what a benchmark holds


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        where = path.relative_to(folder).as_posix()
        if path.suffix in _RTL | _TEXT and path.name not in {"README.md", "LICENSE"}:
            yield where, path.read_text("utf-8", "replace")
        elif path.suffix == ".jsonl":
            for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
                yield from ((f"{where}:{number}", text) for text in _strings(line))


def _strings(line: str) -> Iterator[str]:
    """The longer strings of a JSON line, whatever its schema."""
    try:
        pending: list[Any] = [json.loads(line)]
    except ValueError:
        pending = [line]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, list):
            pending += value
        elif isinstance(value, str) and len(value) > 60:
            yield value


# --- the two measures


def _word_grams(text: str) -> Iterator[str]:
    words = re.findall(r"[a-z0-9_]+", text.lower())
    for i in range(len(words) - WORDS + 1):
        yield " ".join(words[i : i + WORDS])


def _structure(text: str) -> Counter[str]:
    """The runs of tokens in the items of a text's modules, with names and numbers made alike."""
    grams: Counter[str] = Counter()
    for module in modules(text):
        words = code(text[module.header_end : module.end])
        if len(words) >= TOKENS:
            starts = [i for i, t in enumerate(words) if t.text in _ITEMS]
            for first, end in pairwise([0, *starts, len(words)]):
                shapes = [_shape(t) for t in words[first:end]]
                runs = range(max(1, len(shapes) - TOKENS + 1))
                grams.update(" ".join(shapes[i : i + TOKENS]) for i in runs if shapes)
    return grams


def _shape(token: Token) -> str:
    kinds = {Kind.NAME: "n", Kind.NUMBER: "0"}
    return kinds.get(token.kind) or _ALIKE.get(token.text, token.text)


def _short_bodies(text: str) -> Iterator[str]:
    """Headers and bodies that are too short for a run of tokens, word for word.

    The module's own name says nothing.
    """
    for module in modules(text):
        words = code(text[module.header_end : module.end])
        if 1 < len(words) < TOKENS:
            ports = code(text[module.start : module.header_end])[2:]
            yield " ".join(_ALIKE.get(t.text, t.text) for t in ports + words)


# --- the stage


def report(kept: int, hits: Sequence[Hit], problems: int) -> str:
    """What was removed and why, as Markdown."""
    rows = [f"| {h.id} | {h.where} | {h.what} |" for h in hits]
    places = Counter(h.where for h in hits).most_common(5)
    return "\n".join([
        "# Decontamination",
        "",
        f"{kept} samples kept, {len(hits)} removed, held against {problems} texts of benchmarks "
        f"({WORDS} words in a row, or {SHARE:.0%} of the runs of {TOKENS} tokens).",
        "",
        "Most removed for: " + (", ".join(f"{w} ({n})" for w, n in places) or "nothing") + ".",
        "",
        "| Sample | Benchmark | Shared |",
        "|---|---|---|",
        *rows,
        "",
    ])  # fmt: skip


def main() -> None:
    """Read, part, write."""
    parser = arguments_of(__doc__)
    parser.add_argument("samples", type=Path, help="JSON lines of samples")
    parser.add_argument("--forbid", type=Path, nargs="+", required=True, help="benchmark folders")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--report", type=Path, required=True)
    args = parser.parse_args()
    forbidden = Forbidden(args.forbid)
    kept, hits = forbidden.split(read(args.samples, Sample))
    args.report.write_text(report(len(kept), hits, forbidden.problems))
    write(args.out, kept)
    say(f"{args.out}: {len(kept)} kept, {len(hits)} removed; see {args.report}")


if __name__ == "__main__":
    script(main)
