"""A language model as the program calls it: a LlamaIndex LLM with a time limit, JSON asked for in the best way that its
server knows, kept replies, and every failure as one line. The vendors' packages and their exceptions stop here."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import httpx
import openai
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, ToolCallBlock
from llama_index.core.llms import LLM
from llama_index.llms.openai import OpenAI
from llama_index.llms.openai_like import OpenAILike

from rag.background import Background
from rag.errors import ContextError, ModelError, ReplyError, UsageError
from rag.kept_replies import KeptReplies, Reply
from rag.llm_reply import Form, parse, schema
from rag.prompts import Message
from rag.settings import CONTEXT, REPLY_SHARE, Settings

T = TypeVar("T")
Mode = Literal["schema", "tool", "text"]
"""How JSON is asked for: structured output, a tool call, or in words alone."""
OnText = Callable[[str], None]
"""Called with the whole reply so far, whenever more of it has come."""

PATIENCE: Final = 600.0  # seconds: a slow local model needs minutes, and whoever waits can stop it
RETRIES: Final = 2  # after 429, 5xx and lost connections, each time later (the openai package's own backoff)
MOST_COUNTED: Final = 1e12  # tokens, or what they cost: more is no count
CONNECT: Final = 10.0  # seconds
REPLY_TOKENS: Final = 6_000  # of one reply: a ledger of some thirty positions
AT_ONCE: Final = 4  # calls in flight of one question
FULL: Final = (  # how servers say that the evidence is too long; beside 413, as Groq and Anthropic document it
    "context_length",  # the code of OpenAI, Groq and OpenRouter: context_length_exceeded
    "context length",  # OpenAI, vLLM: this model's maximum context length is 4097 tokens; LM Studio
    "context size",  # llama.cpp: the request exceeds the available context size (ggml-org/llama.cpp#15780)
    "exceed_context",  # its type: exceed_context_size_error
    "context window",  # OpenAI: your input exceeds the context window of this model; abetlen/llama-cpp-python#416
    "context limit",  # Anthropic: input length and `max_tokens` exceed context limit (docker/docker-agent#569)
    "is too long",  # Anthropic: prompt is too long: 219898 tokens > 200000 maximum (earendil-works/pi#102)
    "too many tokens",  # Cohere: total number of tokens cannot exceed 2048 (cohere-ai/sandbox-topically#4)
    "maximum number of tokens",  # Gemini: exceeds the maximum number of tokens allowed (BerriAI/litellm, its list)
    "maximum model length",  # vLLM: prompt is longer than the maximum model length of 4096 (hiyouga/LlamaFactory#7723)
    "maximum prompt length",  # xAI: this model's maximum prompt length is 131072 (cline/cline#3120)
    "`inputs` must have less",  # than 1024 tokens: huggingface/text-generation-inference#937
    "`inputs` tokens + ",  # `max_new_tokens` must be <= 2048: huggingface/text-generation-inference#628
)


class Model:
    """A language model behind one name. Safe to use from several threads."""

    def __init__(
        self,
        llm: LLM,
        name: str,
        host: str,
        context: int = CONTEXT,
        patience: float = PATIENCE,
        price: tuple[float, float] | None = None,
        kept: KeptReplies | None = None,
    ) -> None:
        self.name, self.host, self.context, self.patience = name, host, context, patience
        self._llm, self._price, self._kept = llm, price, kept or KeptReplies(None)
        self._modes: list[Mode] = _modes(llm)  # the first is used; one that the server does not know is taken out
        self._options: dict[str, Any] = {}
        self._background = Background()
        self._places: asyncio.Semaphore | None = None

    def start(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Work that calls this model, begun; its result raises ModelError when the patience is at an end."""
        return self._background.start(self._in_time(work))

    def close(self) -> None:
        """End what still runs, and the connections."""
        client = getattr(self._llm, "_aclient", None)
        if client is not None:
            self._background.start(client.close()).result(timeout=CONNECT)
        self._background.close()

    async def _in_time(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return await asyncio.wait_for(work, self.patience)
        except TimeoutError:
            raise ModelError(
                f"{self.host} gave no whole answer within {self.patience:g} s: try again, or raise WHOSAYS_PATIENCE"
            ) from None

    async def call(
        self, messages: Sequence[Message], form: type[Form], name: str, on_text: OnText | None = None
    ) -> Reply:
        """One reply that should be JSON in `form`, called `name`; where it is, it is kept. With `on_text` the reply
        comes in pieces.

        Raises ContextError, ReplyError (no reply that could be read) or ModelError (no reply)."""
        limit = self._llm.metadata.num_output
        asked = [self.name, self.host, [[m.role, m.text] for m in messages], schema(form), limit]
        if (found := self._kept.find(asked)) and _fits(found.text, form):
            return found
        if self._places is None:
            self._places = asyncio.Semaphore(AT_ONCE)
        async with self._places:
            reply = await self._asked(messages, schema(form), name, on_text)
        return self._kept.keep(asked, reply) if _fits(reply.text, form) else reply

    async def _asked(
        self, messages: Sequence[Message], schema: Mapping[str, Any], name: str, on_text: OnText | None
    ) -> Reply:
        """In the first mode that the server knows: a 400 that is not about the context's size takes the next."""
        while True:
            mode = self._modes[0]
            try:
                asked = _with_form(messages, schema) if mode == "text" and schema else messages
                return await self._sent(asked, {**self._options, **_how(mode, schema, name)}, on_text)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as err:
                if not self._gave_way(mode, str(err)):
                    raise ModelError(f"{self.host} refused the request: {_said(err)}: check WHOSAYS_MODEL") from err

    def _gave_way(self, mode: Mode, fault: str) -> bool:
        """What the server refused is left out from now on; False where nothing is left to leave out."""
        if "temperature" in fault and "temperature" not in self._options:
            self._options["temperature"] = openai.omit
            return True
        if mode in self._modes and len(self._modes) > 1:
            self._modes.remove(mode)
            return True
        return mode not in self._modes  # another call has just taken it out

    async def _sent(self, messages: Sequence[Message], how: Mapping[str, Any], on_text: OnText | None) -> Reply:
        chat = [ChatMessage(role=m.role, content=m.text) for m in messages]
        try:
            if on_text is None:
                return self._reply(await self._llm.achat(chat, **how))
            return self._reply(await self._streamed(chat, how, on_text))
        except openai.APIError as err:
            if _is_full(err):
                raise ContextError(f"{self.name} at {self.host} takes less at once: {_said(err)}") from err
            if isinstance(err, openai.BadRequestError | openai.UnprocessableEntityError):
                raise
            raise self._in_words(err) from err
        except httpx.HTTPError as err:  # the openai package lets it through once a stream has begun
            raise ReplyError(f"{self.host} broke off its reply ({_line(str(err))})") from err
        except (AttributeError, LookupError, TypeError, ValueError, ArithmeticError, RecursionError) as err:
            # What the packages raise where a server answers with something that is no chat completion.
            said = _line(f"{type(err).__name__}: {err}")
            raise ReplyError(f"{self.host} did not reply as a chat model does ({said})") from err

    async def _streamed(self, chat: list[ChatMessage], how: Mapping[str, Any], on_text: OnText) -> ChatResponse:
        usage = {"stream_options": {"include_usage": True}} if isinstance(self._llm, OpenAI) else {}
        last: ChatResponse | None = None
        counts: dict[str, Any] = {}
        ended: str | None = None
        async for piece in await self._llm.astream_chat(chat, **how, **usage):
            last = piece
            counts |= piece.additional_kwargs
            ended = _finish(piece) or ended
            on_text(_text(piece))
        if last is None or (ended is None and isinstance(self._llm, OpenAI)):
            raise ReplyError(f"the reply of {self.host} broke off")
        return last.model_copy(update={"additional_kwargs": counts | {"finish": ended}})

    def _reply(self, response: ChatResponse) -> Reply:
        text = _text(response)
        if not text.strip():
            refused = getattr(_choice(response, "message"), "refusal", None)
            said = f"refused: {_line(str(refused))}" if refused else "replied with nothing"
            raise ReplyError(f"{self.name} {said}")
        counts = response.additional_kwargs
        read, written = (int(_counted(counts.get(f"{part}_tokens")) or 0) for part in ("prompt", "completion"))
        cut = (counts.get("finish") or _finish(response)) == "length"
        return Reply(text, read, written, self._cost(response, read, written), cut)

    def _cost(self, response: ChatResponse, read: int, written: int) -> float | None:
        """What the server says that it took, else by the price that the user gave."""
        said = _counted(getattr(getattr(response.raw, "usage", None), "cost", None))
        if said is not None:
            return said
        return (read * self._price[0] + written * self._price[1]) / 1e6 if self._price else None

    def _in_words(self, err: openai.APIError) -> ModelError:
        match err:
            case openai.AuthenticationError() | openai.PermissionDeniedError():
                return ModelError(f"{self.host} refused the key ({err.status_code}): check OPENAI_API_KEY")
            case openai.NotFoundError():
                return ModelError(
                    f"{self.host} knows no model {self.name!r} there: check WHOSAYS_MODEL and OPENAI_BASE_URL"
                )
            case openai.RateLimitError():
                return ModelError(f"{self.host} takes no more calls now ({_said(err)}): wait, and ask again")
            case openai.APITimeoutError():
                return ModelError(f"{self.host} does not answer: try again, or ask with --engine extractive")
            case openai.APIConnectionError():
                return ModelError(f"{self.host} cannot be reached: check OPENAI_BASE_URL, or that the server runs")
            case openai.APIStatusError():
                return ModelError(f"{self.host} failed ({_said(err)}): try again later")
            case _:  # a fault that the server sent in the middle of its stream, or a reply that is no JSON
                return ReplyError(f"{self.host} broke off its reply ({_said(err)})")

    async def probe(self) -> None:
        """The smallest call: one token. Raises ModelError."""
        llm = self._llm.model_copy(update={"max_tokens": 1}) if isinstance(self._llm, OpenAI) else self._llm
        small = Model(llm, self.name, self.host, self.context, self.patience)
        small._modes = ["text"]
        try:
            await small.call([Message("user", "Reply with: OK")], Form, "probe")
        except ReplyError:
            return  # it answered; what it said does not matter here


def open_model(settings: Settings, patience: float = PATIENCE) -> Model | None:
    """The model that the settings name, none where they name none. Nothing is sent yet. Raises UsageError without a
    key where one is needed."""
    if settings.model is None or settings.host is None:
        return None
    if settings.key is None and settings.base_url is None:
        raise UsageError(
            f"WHOSAYS_MODEL is {settings.model!r}, but there is no key: set OPENAI_API_KEY, or OPENAI_BASE_URL for a"
            " server of yours"
        )
    patience = settings.patience or patience
    llm = chat_llm(settings, patience)
    return Model(llm, settings.model, settings.host, settings.context, patience, settings.price, _kept(settings))


def chat_llm(settings: Settings, patience: float) -> OpenAILike:
    """The settings' model as LlamaIndex has it: for whoever speaks LlamaIndex."""
    client = openai.AsyncOpenAI(
        api_key=settings.key or "none",
        base_url=settings.base_url,
        max_retries=RETRIES,
        timeout=openai.Timeout(patience, connect=CONNECT),
        # Article text goes to the host that the settings name, and is not sent on by it.
        http_client=openai.DefaultAsyncHttpxClient(follow_redirects=False),
    )
    return OpenAILike(
        model=settings.model or "",
        api_key=settings.key or "none",
        api_base=settings.base_url,
        is_chat_model=True,
        context_window=settings.context,
        max_tokens=min(REPLY_TOKENS, settings.context // REPLY_SHARE),
        temperature=0.0,
        max_retries=0,  # the client below retries; both together would multiply
        timeout=patience,
        async_openai_client=client,  # type: ignore[call-arg] # that its parent takes
    )


def _kept(settings: Settings) -> KeptReplies:
    if settings.kept == "off":
        return KeptReplies(None)
    if settings.kept:
        return KeptReplies(Path(settings.kept).expanduser())
    return KeptReplies(settings.library / "replies" if settings.library.is_dir() else None)


def _modes(llm: LLM) -> list[Mode]:
    if isinstance(llm, OpenAI):
        return ["schema", "tool", "text"]
    return ["tool", "text"] if llm.metadata.is_function_calling_model else ["text"]


def _with_form(messages: Sequence[Message], schema: Mapping[str, Any]) -> list[Message]:
    """The schema in words, for servers that take it in no other way."""
    form = f"The JSON Schema of the reply: {json.dumps(schema)}"
    return [Message(m.role, f"{m.text}\n\n{form}") if m.role == "system" else m for m in messages]


def _how(mode: Mode, schema: Mapping[str, Any], name: str) -> dict[str, Any]:
    if mode == "schema":
        return {
            "response_format": {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": schema}}
        }
    if mode == "tool":
        tool = {"name": name, "description": "Give the reply.", "parameters": schema}
        return {
            "tools": [{"type": "function", "function": tool}],
            "tool_choice": {"type": "function", "function": {"name": name}},
        }
    return {}


def _text(response: ChatResponse) -> str:
    """The arguments of a tool call where there is one, else the words."""
    given = [block.tool_kwargs for block in response.message.blocks if isinstance(block, ToolCallBlock)]
    calls = [each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in given]
    return "\n".join(calls) or response.message.content or ""  # two calls are two replies: no JSON alone


def _choice(response: ChatResponse, field: str) -> Any:
    choices = getattr(response.raw, "choices", None)
    return getattr(choices[0], field, None) if choices else None


def _finish(response: ChatResponse) -> str | None:
    found = _choice(response, "finish_reason")
    return found if isinstance(found, str) else None


def _counted(given: Any) -> float | None:
    """What a server counts, where it is a number that can be."""
    number = isinstance(given, int | float) and not isinstance(given, bool)
    return float(given) if number and 0 <= given <= MOST_COUNTED else None


def _is_full(err: openai.APIError) -> bool:
    """Whether it says that it was sent too much at once; 429 says so of a minute or a day."""
    if isinstance(err, openai.RateLimitError):
        return False
    return getattr(err, "status_code", None) == 413 or any(sign in str(err).lower() for sign in FULL)


def _fits(text: str, form: type[Form]) -> bool:
    try:
        parse(text, form)
    except ReplyError:
        return False
    return True


def _said(err: openai.APIError) -> str:
    return _line(str(err.message))


def _line(words: str) -> str:
    """A server's own words, on one line and not too many, without quotation marks: nothing unchecked stands in them."""
    said = " ".join(re.sub(r'["“”„«»‟]', "", words.replace("\\n", " ")).split())
    return said if len(said) <= 200 else said[:197] + "..."
