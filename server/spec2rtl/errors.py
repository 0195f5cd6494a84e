"""What can go wrong outside a design: each error is one line for the user.

    Spec2rtlError      exit code 2
    ├── InputError     a spec, test, RTL or output file that can't be used
    ├── ConfigError    a flag or a setting
    ├── ToolError      iverilog, vvp, cocotb or a worker is missing or broken
    └── BackendError   a model's backend can't be reached, refuses or answers nonsense

A failing design is never an error: it is a value (`rtl.CompileReport`, `rtl.SimulationReport`).
Foreign errors are mapped to these once, at the adapter.
"""


class Spec2rtlError(Exception):
    """One line that names the file, the place and the mend."""


class InputError(Spec2rtlError):
    """A file or an argument that can't be used."""


class ConfigError(Spec2rtlError):
    """A flag, an environment variable or a setting that can't be used."""


class ToolError(Spec2rtlError):
    """A program that we need is missing or broken; never the design's fault.

    `install` is the command that mends it, where there is one: the line ends with it.
    """

    def __init__(self, line: str, *, install: str | None = None) -> None:
        super().__init__(f"{line}; install it with: {install}" if install else line)
        self.install = install


class BackendError(Spec2rtlError):
    """A model's backend can't be reached, refuses or breaks its protocol."""
