"""Which precision a model is loaded in, by what the machine has."""

from msgspec import Struct

from spec2rtl.backends.peft_wire import Device, Options, Precision
from spec2rtl.errors import BackendError

BYTES: dict[Precision, float] = {"fp32": 4.0, "bf16": 2.0, "4bit": 0.6}
"""Of a parameter; of a 4-bit model the embeddings are kept in bf16."""

SPARE = 1.15
"""What the weights' size grows by for activations and the prompt's state."""


class Machine(Struct, frozen=True):
    """What a model would run on: bytes free there, and what that computes.

    `bf16`: it computes in bf16 faster than in fp32; `four_bit`: bitsandbytes is installed.
    """

    device: Device
    free: int
    bf16: bool
    four_bit: bool


def choose_precision(options: Options, machine: Machine, parameters: int) -> Precision:
    """Choose the first precision that fits; raises `BackendError` with what would."""
    if options.precision == "4bit" and not machine.four_bit:
        raise BackendError("peft_precision = 4bit needs bitsandbytes: pip install bitsandbytes")
    order = _order(machine)
    wanted: list[Precision] = order if options.precision == "auto" else [options.precision]
    for precision in wanted:
        if _need(parameters, precision) <= machine.free:
            return precision
    raise _refusal(wanted[-1], order, machine, parameters)


def advice(machine: Machine, used: Precision) -> str:
    """Say what to do when memory runs out although the weights fitted."""
    smaller = [p for p in _order(machine) if BYTES[p] < BYTES[used]]
    if smaller:
        return f"set peft_precision = {smaller[0]}, or lower peft_max_tokens"
    return "lower peft_max_tokens, or take a smaller base"


def _order(machine: Machine) -> list[Precision]:
    order: list[Precision] = ["bf16", "fp32"] if machine.bf16 else ["fp32", "bf16"]
    return [*order, "4bit"] if machine.four_bit else order


def _need(parameters: int, precision: Precision) -> int:
    return int(parameters * BYTES[precision] * SPARE)


def _refusal(
    precision: Precision, order: list[Precision], machine: Machine, parameters: int
) -> BackendError:
    where = "memory" if machine.device == "cpu" else f"{machine.device} memory"
    fits = [p for p in order if _need(parameters, p) <= machine.free]
    four_bit = not machine.four_bit and _need(parameters, "4bit") <= machine.free
    if fits:
        mend = f"set peft_precision = {fits[0]}"
    elif four_bit and machine.device == "cuda":
        mend = "it would fit with 4 bits: pip install bitsandbytes"
    else:
        mend = "take a smaller base, or serve this one on another machine (openai:MODEL@URL)"
    return BackendError(
        f"out of memory: {parameters / 1e9:.1f} billion parameters need "
        f"{_need(parameters, precision) / 1e9:.1f} GB as {precision}, and "
        f"{machine.free / 1e9:.1f} GB of {where} are free; {mend}"
    )
