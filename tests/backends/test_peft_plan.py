import pytest

from spec2rtl.backends.peft_plan import Machine, advice, choose_precision
from spec2rtl.backends.peft_wire import Options
from spec2rtl.errors import BackendError

GB = 10**9
H100 = Machine("cuda", 80 * GB, bf16=True, four_bit=True)
CARD = Machine("cuda", 24 * GB, bf16=True, four_bit=True)
BARE = Machine("cuda", 24 * GB, bf16=True, four_bit=False)
OLD = Machine("cuda", 16 * GB, bf16=False, four_bit=True)
MAC = Machine("mps", 40 * GB, bf16=True, four_bit=False)
LAPTOP = Machine("cpu", 10 * GB, bf16=False, four_bit=False)


@pytest.mark.parametrize(
    ("machine", "billions", "chosen"),
    [
        (H100, 32.8, "bf16"),
        (CARD, 7.6, "bf16"),
        (CARD, 32.8, "4bit"),
        (OLD, 1.5, "fp32"),
        (OLD, 7.0, "4bit"),
        (MAC, 14.8, "bf16"),
        (LAPTOP, 1.5, "fp32"),
        (LAPTOP, 3.1, "bf16"),
    ],
)
def test_what_is_fastest_and_fits(machine: Machine, billions: float, chosen: str) -> None:
    assert choose_precision(Options(), machine, int(billions * GB)) == chosen


def test_what_was_asked_for() -> None:
    assert choose_precision(Options(precision="fp32"), H100, GB) == "fp32"
    assert choose_precision(Options(precision="4bit"), CARD, GB) == "4bit"


@pytest.mark.parametrize(
    ("options", "machine", "billions", "said"),
    [
        (Options(precision="bf16"), CARD, 32.8, "24.0 GB of cuda memory are free; set peft_precision = 4bit"),
        (Options(precision="fp32"), LAPTOP, 3.0, "need 13.8 GB as fp32, and 10.0 GB of memory are free; set peft_precision = bf16"),
        (Options(), BARE, 24.0, "it would fit with 4 bits: pip install bitsandbytes"),
        (Options(), CARD, 70.0, "take a smaller base, or serve this one"),
        (Options(), LAPTOP, 7.6, "take a smaller base, or serve this one"),
        (Options(precision="4bit"), BARE, 7.0, "needs bitsandbytes: pip install bitsandbytes"),
    ],
)  # fmt: skip
def test_what_does_not_fit(options: Options, machine: Machine, billions: float, said: str) -> None:
    with pytest.raises(BackendError) as refusal:
        choose_precision(options, machine, int(billions * GB))
    assert said in str(refusal.value)


def test_advice() -> None:
    assert advice(CARD, "bf16") == "set peft_precision = 4bit, or lower peft_max_tokens"
    assert advice(LAPTOP, "fp32") == "set peft_precision = bf16, or lower peft_max_tokens"
    assert advice(CARD, "4bit") == "lower peft_max_tokens, or take a smaller base"
