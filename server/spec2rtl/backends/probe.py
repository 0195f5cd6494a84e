"""Does a backend answer? One short request, no text of the user's."""

from collections.abc import Mapping

from spec2rtl.backends.anthropic import OFFICIAL
from spec2rtl.backends.endpoint import Endpoint
from spec2rtl.backends.name import Anthropic, OpenAI
from spec2rtl.backends.sdk import load
from spec2rtl.errors import BackendError

TIMEOUT = 5.0
"""Seconds."""


async def probe(backend: Anthropic | OpenAI, environ: Mapping[str, str]) -> str | None:
    """Ask for the list of models; returns None when it answers, else why not."""
    if isinstance(backend, Anthropic):
        key = environ.get("ANTHROPIC_API_KEY", "")
        url = f"{(backend.base_url or OFFICIAL).rstrip('/')}/v1/models"
        endpoint = Endpoint(str(backend), url, "ANTHROPIC_API_KEY", key)
        headers = {"x-api-key": key, "anthropic-version": "2023-06-01"}
    else:
        key = environ.get("OPENAI_API_KEY")
        endpoint = Endpoint(str(backend), f"{backend.base_url}/models", "OPENAI_API_KEY", key)
        headers = {"authorization": f"Bearer {key}"} if key else {}
    return await _ask(endpoint, headers)


async def _ask(endpoint: Endpoint, headers: Mapping[str, str]) -> str | None:
    await load("httpx2")
    import httpx2

    url = endpoint.url
    try:
        async with endpoint.client(TIMEOUT) as client:
            answer = await client.get(url, headers=headers, timeout=TIMEOUT)
    except BackendError as error:
        return str(error)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        return f"{url} can't be reached: {type(error).__name__}"
    if answer.status_code in {401, 403}:
        return f"{url} refuses the key (HTTP {answer.status_code})"
    if answer.is_error or "json" not in answer.headers.get("content-type", ""):
        return f"{url} is no model server (HTTP {answer.status_code})"
    return None
