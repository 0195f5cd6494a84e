"""Does a backend answer? One short request, no text of the user's."""

import asyncio
from collections.abc import Mapping

from spec2rtl.backends.name import Anthropic, OpenAI

TIMEOUT = 5.0
"""Seconds."""


async def probe(backend: Anthropic | OpenAI, environ: Mapping[str, str]) -> str | None:
    """Ask for the list of models; returns None when it answers, else why not."""
    if isinstance(backend, Anthropic):
        base = (backend.base_url or "https://api.anthropic.com").rstrip("/")
        url = f"{base}/v1/models"
        headers = {
            "x-api-key": environ.get("ANTHROPIC_API_KEY", ""),
            "anthropic-version": "2023-06-01",
        }
    else:
        url = f"{backend.base_url}/models"
        key = environ.get("OPENAI_API_KEY")
        headers = {"authorization": f"Bearer {key}"} if key else {}
    return await asyncio.to_thread(_get, url, headers)


def _get(url: str, headers: Mapping[str, str]) -> str | None:
    import httpx2

    try:
        answer = httpx2.get(url, headers=dict(headers), timeout=TIMEOUT)
    except httpx2.HTTPError as error:
        return f"{url} can't be reached: {type(error).__name__}"
    if answer.status_code in {401, 403}:
        return f"{url} refuses the key (HTTP {answer.status_code})"
    if answer.is_error or "json" not in answer.headers.get("content-type", ""):
        return f"{url} is no model server (HTTP {answer.status_code})"
    return None
