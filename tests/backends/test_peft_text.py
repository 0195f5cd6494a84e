from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec2rtl.backends.peft_text import Transcript


def decode(tokens: list[int]) -> str:
    """A tokenizer with one token a byte."""
    return bytes(tokens).decode("utf-8", "replace")


def check(data: bytes, pieces: list[str], *stops: str) -> None:
    """`pieces` are what each byte adds, the last one what is held back until the end."""
    transcript = Transcript(decode, stops)
    assert [*(transcript.add(byte) for byte in data), transcript.flush()] == pieces


def test_characters_are_told_whole() -> None:
    check(b"ab", ["a", "b", ""])
    check("é!".encode(), ["", "é", "!", ""])
    check("😀".encode(), ["", "", "", "😀", ""])
    check("é".encode()[:1], ["", "\ufffd"])
    check(b"\xff\xffa", ["", "", "\ufffd\ufffda", ""])


def test_nothing_from_a_stop_on_is_told() -> None:
    check(b"a##b", ["a", "", "", "", ""], "##")
    check(b"a#b", ["a", "", "#b", ""], "##")
    check(b"a#", ["a", "", "#"], "##")
    check(b"x</s>", ["x", "", "", "", "", ""], "##", "</s>")
    check("«é»".encode(), ["", "«", "", "", "", "", ""], "é»")


@pytest.mark.parametrize("stops", [(), ("é",), ("ab", "b", "aab")])
@given(text=st.text("aab#é😀"), rest=st.binary(max_size=3))
def test_pieces_make_up_the_text(stops: Sequence[str], text: str, rest: bytes) -> None:
    data = text.encode() + rest
    transcript = Transcript(decode, stops)
    told = ""
    for byte in data:
        told += transcript.add(byte)
        if transcript.stopped:
            break
    told += transcript.flush()
    whole = decode(list(data))
    ends = [whole.find(stop) + len(stop) for stop in stops if stop in whole]
    # The stop that is complete first ends it, as it would in a stream.
    expected = whole
    if ends:
        read = whole[: min(ends)]
        expected = read[: min(read.find(stop) for stop in stops if stop in read)]
    assert told == expected
