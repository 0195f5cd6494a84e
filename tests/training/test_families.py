"""Families: correct by construction, which the simulator is asked to confirm."""

import random

import pytest

from spec2rtl.eda.toolchain import IcarusToolchain
from spec2rtl.spec.parse import parse
from training.designs.families import FAMILIES
from training.designs.shape import Family
from training.examine import examined, job_of, toolchain
from training.families import draw, member
from training.mutate import mutants

EVERY = pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.name)


@pytest.fixture(scope="module")
def tools() -> IcarusToolchain:
    return toolchain()


def test_there_are_enough_of_many_kinds() -> None:
    assert len(FAMILIES) >= 10
    assert len({f.name for f in FAMILIES}) == len(FAMILIES)


@EVERY
async def test_a_member_passes_its_tests_and_a_fault_fails_them(
    family: Family, tools: IcarusToolchain
) -> None:
    source = draw(1, seed=11, families=[family])[0]
    job = job_of(source.module, tests=source.tests)
    attempt = await examined(tools, job, source.rtl)
    assert attempt.verdict.outcome == "verified", attempt
    faults = [m for m in mutants(source.rtl, random.Random(0)) if m.shows == "simulate"]
    outcomes = [(await examined(tools, job, m.rtl)).verdict for m in faults[:2]]
    assert any(v.compiles and not v.good for v in outcomes)


@EVERY
def test_each_wording_tells_the_whole_interface(family: Family) -> None:
    for choice in family.choices(random.Random(5), 3):
        made = family.build(family.names[0], **choice)
        wanted = [(p.name, p.direction, p.msb, p.lsb) for p in made.interface.ports]
        source = member(family, choice, family.names[0])
        assert len(set(source.specs)) == 3
        for spec in source.specs:
            found = parse(spec)
            assert [(p.name, p.direction, p.msb, p.lsb) for p in found.ports] == wanted
            assert not found.issues


@EVERY
def test_every_option_has_a_label(family: Family) -> None:
    assert family.options.keys() == family.labels.keys()


def test_the_same_seed_draws_the_same() -> None:
    assert draw(2, seed=3) == draw(2, seed=3)
    assert draw(2, seed=3) != draw(2, seed=4)
    ids = [s.id for s in draw(20, seed=0)]
    assert len(ids) == len(set(ids))
