"""A backend is one string; this reads it and says whether text leaves the machine."""

import difflib
import ipaddress
import re
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from spec2rtl.errors import ConfigError

DEFAULT_CLAUDE = "claude-sonnet-5-5"
"""The current Claude Sonnet (November 2026)."""

FORMS = (
    "embedded",
    "embedded:NAME",
    "anthropic",
    "anthropic:MODEL",
    "openai:MODEL@BASE_URL",
    "peft:BASE",
    "peft:BASE+ADAPTER",
    "scripted:FILE",
    "rules",
)

SMALL = 3.0
"""Billions of parameters up to which a model rarely makes use of a critique."""


class Embedded(Struct, frozen=True):
    """A model that we download and run; None: the default one."""

    model: str | None = None
    remote = False

    def __str__(self) -> str:
        return f"embedded:{self.model}" if self.model else "embedded"


class Anthropic(Struct, frozen=True):
    """A Claude model; `base_url` None: Anthropic's own endpoint.

    Text leaves the machine whatever the URL: what listens on this machine is a proxy.
    """

    model: str = DEFAULT_CLAUDE
    base_url: str | None = None
    remote = True

    def __str__(self) -> str:
        return f"anthropic:{self.model}"


class OpenAI(Struct, frozen=True):
    """A model behind an OpenAI-compatible endpoint."""

    model: str
    base_url: str

    @property
    def remote(self) -> bool:
        """Does text leave the machine?"""
        return not is_loopback(self.base_url)

    def __str__(self) -> str:
        return f"openai:{self.model}@{self.base_url}"


class Peft(Struct, frozen=True):
    """A local transformers model, with an adapter or without."""

    base: str
    adapter: str | None = None
    remote = False

    def __str__(self) -> str:
        return f"peft:{self.base}+{self.adapter}" if self.adapter else f"peft:{self.base}"


class Scripted(Struct, frozen=True):
    """Replies read from a file; the path is absolute, for a run goes on from another folder."""

    path: str
    remote = False

    def __str__(self) -> str:
        return f"scripted:{self.path}"


class Rules(Struct, frozen=True):
    """The reflector that asks no model."""

    remote = False

    def __str__(self) -> str:
        return "rules"


Backend = Embedded | Anthropic | OpenAI | Peft | Scripted | Rules


def parse_backend(text: str, *, anthropic_base_url: str | None = None) -> Backend:
    """Read a backend string; `anthropic_base_url` is what overrides Anthropic's endpoint."""
    kind, colon, rest = text.strip().partition(":")
    if colon and not rest:
        raise ConfigError(f"backend `{text}`: nothing follows the colon; {_nearest(text)}")
    match kind:
        case "embedded":
            return Embedded(rest or None)
        case "anthropic" if "@" in rest:
            raise ConfigError(
                f"backend `{text}`: no URL belongs here; set ANTHROPIC_BASE_URL to it"
            )
        case "anthropic":
            return Anthropic(rest or DEFAULT_CLAUDE, anthropic_base_url or None)
        case "openai":
            return _openai(text, rest)
        case "peft" if rest:
            base, plus, adapter = rest.partition("+")
            if not base or (plus and not adapter):
                raise ConfigError(f"backend `{text}`: it lacks a name; write peft:BASE+ADAPTER")
            return Peft(base, adapter or None)
        case "scripted" if rest:
            return Scripted(str(Path(rest).absolute()))
        case "rules" if not colon:
            return Rules()
        case _:
            raise ConfigError(f"unknown backend `{text}`; {_nearest(text)}")


def is_loopback(url: str) -> bool:
    """Does this URL stay on the machine?"""
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_unspecified


def parameters_billion(name: str) -> float | None:
    """Read the size off a model's name (`qwen2.5-coder:1.5b` → 1.5); None: it names none."""
    found = re.search(r"(?<![a-z0-9.])(?:(\d+)x)?(\d+(?:\.\d+)?)([bm])(?![a-z0-9])", name.lower())
    if not found:
        return None
    experts, size, unit = found.groups()
    return int(experts or 1) * float(size) / (1000 if unit == "m" else 1)


def _openai(text: str, rest: str) -> OpenAI:
    model, _, url = rest.partition("@http")
    if not model or not url:
        bare = re.fullmatch(r"([^@]+)@([\w.-]+:\d+\S*)", rest)
        mend = f"openai:{bare[1]}@http://{bare[2]}" if bare else "openai:MODEL@http://HOST:PORT/v1"
        raise ConfigError(f"backend `{text}` names no server; write `{mend}`")
    url = f"http{url}"
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise ConfigError(f"backend `{text}`: `{url}` is not a URL") from None
    if parts.username or parts.password:
        # The text holds a secret: it must not be repeated.
        raise ConfigError("backend `openai:…`: a URL holds no key; put it into OPENAI_API_KEY")
    if not valid:
        raise ConfigError(f"backend `{text}`: `{url}` is not a URL")
    return OpenAI(model, url.rstrip("/"))


def _nearest(text: str) -> str:
    kind = text.strip().partition(":")[0].lower()
    kinds = list(dict.fromkeys(form.partition(":")[0] for form in FORMS))
    close = difflib.get_close_matches(kind, kinds, n=1)
    forms = [form for form in FORMS if close and form.partition(":")[0] == close[0]]
    if forms:
        return "did you mean " + " or ".join(f"`{form}`" for form in forms) + "?"
    return "known forms: " + ", ".join(f"`{form}`" for form in FORMS)
