"""Any server that speaks the OpenAI chat protocol, through the official SDK."""

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, cast

from spec2rtl.backends.chat_request import Continuation, Shape, build, concede
from spec2rtl.backends.endpoint import MALFORMED, Endpoint, Failure
from spec2rtl.backends.name import SMALL, parameters_billion
from spec2rtl.backends.retry import Retrier
from spec2rtl.backends.sdk import load
from spec2rtl.backends.surrogates import Joined
from spec2rtl.chat import Chunk, Delta, Prompt, Reply, Usage

if TYPE_CHECKING:
    from openai import APIError, AsyncOpenAI, AsyncStream
    from openai.types.chat import ChatCompletionChunk

READ_SECONDS = 600.0
"""A server may think this long before a reply begins."""

OFFERED = 5
"""How many of a server's models an error names."""


class OpenAIModel:
    """A model behind an OpenAI-compatible endpoint.

    `base_url` is where `chat/completions` lies (most end in `/v1`). `strong` None: judged by the
    size in the model's name. The deltas of a reply that continues a prefix begin with the prefix.
    """

    def __init__(
        self,
        model: str,
        *,
        base_url: str,
        api_key: str | None = None,
        name: str | None = None,
        strong: bool | None = None,
        continuation: Continuation = "none",
        parallel: int = 4,
        retrier: Retrier | None = None,
    ) -> None:
        self.name = name or f"openai:{model}@{base_url}"
        size = parameters_billion(model)
        self.strong = strong if strong is not None else size is None or size > SMALL
        self.continues = continuation != "none"
        self.parallel = parallel
        self._model = model
        self._continuation: Continuation = continuation
        self._endpoint = Endpoint(self.name, base_url, "OPENAI_API_KEY", api_key)
        self._retrier = retrier or Retrier()
        self._shape = Shape()
        self._client: AsyncOpenAI | None = None

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
        from openai import OpenAIError

        answer = _Answer(prompt.prefix if self.continues else "")
        try:
            async with await self._open(client, prompt) as stream:
                if answer.text:
                    yield Delta(answer.text)
                async for chunk in stream:
                    if text := answer.take(chunk):
                        yield Delta(text)
        except (OpenAIError, httpx2.HTTPError, *MALFORMED) as error:
            raise await self._failure(client, error) from None
        if answer.finish is None:
            raise self._endpoint.dropped("the reply has no end")
        if late := answer.held_back():
            yield Delta(late)
        yield Reply(answer.text, answer.usage, truncated=answer.finish == "length")

    async def _connect(self) -> "AsyncOpenAI":
        if self._client is None:
            await load("openai")
        if self._client is None:  # still: another call may have been faster
            from openai import AsyncOpenAI

            self._client = AsyncOpenAI(
                base_url=self._endpoint.url,
                api_key=self._endpoint.key or "none",
                max_retries=0,
                http_client=self._endpoint.client(READ_SECONDS),
            )
        return self._client

    async def _open(
        self, client: "AsyncOpenAI", prompt: Prompt
    ) -> "AsyncStream[ChatCompletionChunk]":
        """Begin a stream, without the fields that the server refuses."""
        from openai import BadRequestError, UnprocessableEntityError

        shape = self._shape
        while True:
            body = build(prompt, self._model, shape, self._continuation)
            try:
                stream = await client.chat.completions.create(stream=True, **body)
            except (BadRequestError, UnprocessableEntityError) as error:
                weaker = concede(shape, body, _words(error))
                if weaker is None:
                    raise
                shape = weaker
                continue
            self._shape = shape
            await self._endpoint.streaming(stream.response)
            return stream

    async def _failure(self, client: "AsyncOpenAI", error: Exception) -> Failure:
        from openai import APIConnectionError, APIError, APIStatusError

        match error:
            case APIStatusError(status_code=404):
                return await self._not_found(client, _words(error))
            case APIStatusError():
                response = error.response
                return self._endpoint.answered(error.status_code, _words(error), response.headers)
            case APIConnectionError():
                return self._endpoint.failed(error)
            case APIError():  # an error event within the stream
                code = error.code or ""
                status = int(code) if code.isdecimal() else 500
                return self._endpoint.answered(status, _words(error), {})
            case _:
                return self._endpoint.failed(error)

    async def _not_found(self, client: "AsyncOpenAI", says: str) -> Failure:
        """Tell a wrong model from a wrong URL by asking for the models."""
        import httpx2
        from openai import OpenAIError

        listed = ""
        try:
            offered = [model.id async for model in await client.models.list()]
        except (OpenAIError, httpx2.HTTPError, *MALFORMED):
            offered = [self._model]
        else:
            listed = f", though the server lists `{self._model}`"
        if self._model in offered:
            if self._model in says:
                return self._endpoint.answered(404, says, {})
            return self._endpoint.final(
                f"no chat/completions here (404){listed}; most URLs end in /v1"
            )
        names = ", ".join(f"`{name}`" for name in offered[:OFFERED]) or "none"
        more = f" and {len(offered) - OFFERED} more" if len(offered) > OFFERED else ""
        return self._endpoint.final(
            f"the server has no model `{self._model}` (404); it offers {names}{more}"
        )


class _Answer:
    """A reply as it grows."""

    def __init__(self, prefix: str) -> None:
        self.text = prefix
        self.finish: str | None = None
        self.usage = Usage()
        self._pieces = Joined()

    def take(self, chunk: "ChatCompletionChunk") -> str:
        """Add a chunk; return the text that it brings."""
        if chunk.usage is not None:
            details = chunk.usage.prompt_tokens_details
            self.usage = Usage(
                prompt_tokens=chunk.usage.prompt_tokens,
                cached_tokens=(details and details.cached_tokens) or 0,
                completion_tokens=chunk.usage.completion_tokens,
            )
        if not chunk.choices:
            return ""
        choice = chunk.choices[0]
        self.finish = choice.finish_reason or self.finish
        text = self._pieces.add(choice.delta.content or "")
        self.text += text
        return text

    def held_back(self) -> str:
        """End the reply; return the text that this brings."""
        late = self._pieces.end()
        self.text += late
        return late


def _words(error: "APIError") -> str:
    """The server's own words, where its answer has them in the usual place."""
    body = error.body
    message = cast("dict[str, object]", body).get("message") if isinstance(body, dict) else None
    return message if isinstance(message, str) else error.message
