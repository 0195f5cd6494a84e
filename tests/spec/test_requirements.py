"""Sentences that demand behaviour, with their places."""

from spec2rtl.spec.parse import parse

TEXT = """---
module: hold
---
# Hold

I would like you to write a module with the following interface.

- input clk
- input en: when low, q holds its value
- input d
- output q

The register must load `d` on every
rising edge while **en** is high. Otherwise it holds.

1. q is cleared when the reset
   is active.

For readers: see the book.

## Example

q should be 1 here.

  A --1--> B
  B --0--> A
"""


def test_requirements() -> None:
    found = [(r.text, r.line, r.end_line) for r in parse(TEXT).requirements]
    assert found == [
        ("input en: when low, q holds its value", 9, 9),
        ("The register must load d on every rising edge while en is high.", 13, 14),
        ("Otherwise it holds.", 14, 14),
        ("q is cleared when the reset is active.", 16, 17),
    ]


def test_an_abbreviation_ends_no_sentence() -> None:
    spec = parse("The module should pick one, e.g. the first, etc. when idle. It must not stall.")
    assert [r.text for r in spec.requirements] == [
        "The module should pick one, e.g. the first, etc. when idle.",
        "It must not stall.",
    ]
