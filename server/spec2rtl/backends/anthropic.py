"""Claude, through the official SDK."""

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from spec2rtl.backends.claude_request import build
from spec2rtl.backends.endpoint import MALFORMED, Endpoint, Failure
from spec2rtl.backends.name import DEFAULT_CLAUDE
from spec2rtl.backends.prices import Tokens, cost
from spec2rtl.backends.retry import Retrier, Retryable
from spec2rtl.backends.sdk import load
from spec2rtl.backends.surrogates import Joined, whole
from spec2rtl.chat import Chunk, Delta, Prompt, Reply, Usage
from spec2rtl.errors import BackendError, ConfigError

if TYPE_CHECKING:
    from anthropic import APIStatusError, AsyncAnthropic, AsyncStream
    from anthropic.types import MessageDeltaUsage, RawContentBlockDelta, RawMessageStreamEvent
    from anthropic.types import Usage as ClaudeUsage

OFFICIAL = "https://api.anthropic.com"

READ_SECONDS = 120.0
"""The server pings every few seconds: silence means a dead connection."""

_STATUS_OF_EVENT = {
    "api_error": 500,
    "overloaded_error": 529,
    "rate_limit_error": 429,
    "timeout_error": 504,
}
"""What an error event within a stream would have been as an HTTP status; all others are 400."""


class AnthropicModel:
    """A Claude model; a structured reply is the input of a tool call.

    `base_url` None: Anthropic's own endpoint, whatever the environment says.
    """

    strong = True
    continues = False  # Claude takes no beginning of a reply any more

    def __init__(
        self,
        model: str = DEFAULT_CLAUDE,
        *,
        api_key: str | None,
        base_url: str | None = None,
        parallel: int = 4,
        retrier: Retrier | None = None,
    ) -> None:
        """Raises `ConfigError` without a key."""
        self.name = f"anthropic:{model}"
        if not api_key:
            raise ConfigError(f"{self.name}: no key; set ANTHROPIC_API_KEY")
        self.parallel = parallel
        self._model = model
        self._endpoint = Endpoint(self.name, base_url or OFFICIAL, "ANTHROPIC_API_KEY", api_key)
        self._retrier = retrier or Retrier()
        self._strict = True
        self._client: AsyncAnthropic | None = None

    def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        """Yield the reply's pieces, then the reply."""
        return self._retrier.stream(lambda: self._attempt(prompt))

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _attempt(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        client = await self._connect()
        import httpx2
        from anthropic import AnthropicError

        answer = _Answer(structured=prompt.schema is not None)
        try:
            async with await self._open(client, prompt) as stream:
                async for event in stream:
                    if text := answer.take(event):
                        yield Delta(text)
        except (AnthropicError, httpx2.HTTPError, *MALFORMED) as error:
            raise self._charged(self._failure(error), answer) from None
        if not answer.ended:
            raise self._charged(self._endpoint.dropped("the reply has no end"), answer)
        if answer.stop == "refusal":
            raise self._endpoint.final("the model declines to answer this prompt")
        if late := answer.held_back():
            yield Delta(late)
        truncated = answer.stop in ("max_tokens", "model_context_window_exceeded")
        yield Reply(answer.text, self._usage(answer.tokens), truncated)

    async def _connect(self) -> "AsyncAnthropic":
        if self._client is None:
            await load("anthropic")
        if self._client is None:  # still: another call may have been faster
            from anthropic import AsyncAnthropic

            self._client = AsyncAnthropic(
                base_url=self._endpoint.url,
                api_key=self._endpoint.key,
                max_retries=0,
                http_client=self._endpoint.client(READ_SECONDS),
            )
        return self._client

    async def _open(
        self, client: "AsyncAnthropic", prompt: Prompt
    ) -> "AsyncStream[RawMessageStreamEvent]":
        """Begin a stream; a server that enforces no schemas is remembered."""
        from anthropic import BadRequestError

        while True:
            strict = self._strict
            body = build(prompt, self._model, strict=strict)
            try:
                stream = await client.messages.create(stream=True, **body)
            except BadRequestError as error:
                if prompt.schema is None or not strict or not _about_schema(_words(error)):
                    raise
                self._strict = False
                continue
            await self._endpoint.streaming(stream.response)
            return stream

    def _failure(self, error: Exception) -> Failure:
        from anthropic import APIStatusError

        match error:
            case APIStatusError(status_code=200):  # an error event within the stream
                status = _STATUS_OF_EVENT.get(error.type or "", 400)
                return self._endpoint.answered(status, _words(error), error.response.headers)
            case APIStatusError(status_code=404):
                return self._not_found(error)
            case APIStatusError():
                headers = error.response.headers
                return self._endpoint.answered(error.status_code, _words(error), headers)
            case _:
                return self._endpoint.failed(error)

    def _not_found(self, error: "APIStatusError") -> BackendError:
        # A proxy says it in its own words, which name the model where that is what is missing.
        if error.type != "not_found_error" and self._model not in _words(error):
            return self._endpoint.final("no v1/messages here (404); is the URL right?")
        return self._endpoint.final(
            f"the server has no model `{self._model}` (404); "
            f"the current Claude Sonnet is `anthropic:{DEFAULT_CLAUDE}`"
        )

    def _charged(self, failure: Failure, answer: "_Answer") -> Failure:
        """Note what the failed attempt used: it is billed."""
        if isinstance(failure, Retryable) and answer.tokens.prompt:
            failure.spent = self._usage(answer.tokens)
        return failure

    def _usage(self, tokens: Tokens) -> Usage:
        return Usage(tokens.prompt, tokens.read, tokens.output, cost(self._model, tokens))


class _Answer:
    """A reply as it grows.

    A structured one is the input of the tool call; words beside it are dropped, and are the reply
    where no call comes.
    """

    def __init__(self, *, structured: bool) -> None:
        self.text = ""
        self.stop: str | None = None
        self.ended = False
        self.tokens = Tokens()
        self._structured = structured
        self._aside = ""
        self._pieces = Joined()

    def take(self, event: "RawMessageStreamEvent") -> str:
        """Add an event; return the text of the reply that it brings."""
        match event.type:
            case "message_start":
                self._count(event.message.usage)
            case "content_block_delta":
                return self._grow(event.delta)
            case "message_delta":
                self._count(event.usage)
                self.stop = event.delta.stop_reason
            case "message_stop":
                self.ended = True
            case _:
                pass
        return ""

    def held_back(self) -> str:
        """End the reply, also a structured one that no call brought; return what this brings."""
        late = self._pieces.end()
        if self._structured and not self.text:
            late = "{}" if self.stop == "tool_use" else whole(self._aside)
        self.text += late
        return late

    def _grow(self, delta: "RawContentBlockDelta") -> str:
        text = ""
        if delta.type == "input_json_delta":
            text = delta.partial_json
        elif delta.type == "text_delta" and self._structured:
            self._aside += delta.text
        elif delta.type == "text_delta":
            text = delta.text
        text = self._pieces.add(text)
        self.text += text
        return text

    def _count(self, usage: "ClaudeUsage | MessageDeltaUsage") -> None:
        """Take over the figures that this event has; they are totals so far."""
        old = self.tokens
        self.tokens = Tokens(
            input=usage.input_tokens or old.input,
            write=usage.cache_creation_input_tokens or old.write,
            read=usage.cache_read_input_tokens or old.read,
            output=usage.output_tokens or old.output,
        )


def _words(error: "APIStatusError") -> str:
    return error.api_message or error.message


def _about_schema(complaint: str) -> bool:
    return "strict" in complaint.lower() or "schema" in complaint.lower()
