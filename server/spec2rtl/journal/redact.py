"""Keys stay out of what is kept: a known secret is replaced wherever it occurs."""

from collections.abc import Iterable
from typing import cast

import msgspec

SHORTEST = 8
"""A shorter value is a placeholder (`EMPTY`, `x`) that would blot out innocent text."""

MARK = "[redacted]"


class Redactor:
    """Replaces known secrets by `[redacted]`."""

    def __init__(self, secrets: Iterable[str]) -> None:
        kept = {secret for secret in secrets if len(secret) >= SHORTEST}
        # Longest first: a secret may be the beginning of another.
        self._secrets = sorted(kept, key=len, reverse=True)
        self._encoded = [msgspec.json.encode(secret)[1:-1] for secret in self._secrets]

    def text(self, text: str) -> str:
        """Replace the secrets in plain text."""
        for secret in self._secrets:
            text = text.replace(secret, MARK)
        return text

    def json(self, document: bytes) -> bytes:
        """Replace the secrets in the strings of a JSON document; the rest keeps its bytes."""
        if not any(secret in document for secret in self._encoded):
            return document
        return msgspec.json.encode(self._value(msgspec.json.decode(document)))

    def _value(self, value: object) -> object:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self._value(item) for item in cast("list[object]", value)]
        if isinstance(value, dict):
            items = cast("dict[str, object]", value).items()
            return {self.text(key): self._value(item) for key, item in items}
        return value
