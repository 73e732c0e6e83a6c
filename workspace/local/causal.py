"""A causal language model in transformers: batches of prompts in, what it writes after each of them out.

It runs on a GPU if there is one, in its checkpoint's own numbers. No code of a model's author is run.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workspace.errors import ConfigError, one_line
from workspace.local.adapters import merged
from workspace.local.machine import device, need_transformers, quiet_transformers
from workspace.local.models import LocalModel

NEEDED = ("config.json", "tokenizer_config.json")
# for chat templates, which would put in today's: the same input makes the same output
DATE = "2024-09-30"
_SHAPES = ("top_k", "top_p", "min_p")  # how a model's generation_config.json shapes what is drawn

Message = Mapping[str, str]


@dataclass(frozen=True)
class Draw:
    """How the tokens of one row are drawn: at a temperature (0 takes the likeliest), from a seed of its own."""

    temperature: float
    seed: int


@dataclass(frozen=True)
class Row:
    """What was written after one prompt, whether it came to its end, and its tokens, the end included."""

    text: str
    ended: bool
    tokens: int


class CausalModel:
    """A model and its tokenizer, loaded.

    Attributes:
        name: the model's name and revision.
        device: ``cuda`` or ``cpu``.
        ends: the tokens that end an answer.
        temperature: the model's own, by its ``generation_config.json``; 0 takes the likeliest.

    Args:
        found: the files of the model.
        what: what needs it, for messages.
        own_rules: whether the model's ``generation_config.json`` holds as it is, as its card advises. If not, only
            its ends, and ``top_k``, ``top_p`` and ``min_p`` for what is drawn: a penalty of repetition, for
            instance, would depend on the padding, and so on what else is in the batch.

    Raises:
        ConfigError: it cannot be loaded.
        MissingPartError: the packages are not installed.
    """

    def __init__(self, found: LocalModel, *, what: str, own_rules: bool = True) -> None:
        transformers = need_transformers(what)
        self.name, self.device = found.label, device()
        with quiet_transformers(), _loading(found.label):
            loaded = {"trust_remote_code": False}
            self.tokenizer: Any = transformers.AutoTokenizer.from_pretrained(_tokenizer(found), **loaded)
            model = transformers.AutoModelForCausalLM.from_pretrained(found.folder, dtype="auto", **loaded)
            if found.adapter:
                model = merged(model, found.adapter)
            self.model: Any = model.to(self.device).eval()
        rules, end = self.model.generation_config, self.tokenizer.eos_token_id
        ends = rules.eos_token_id if isinstance(rules.eos_token_id, list) else [rules.eos_token_id]
        self.ends = frozenset(number for number in (*ends, end) if number is not None)
        padding = self.tokenizer.pad_token_id
        self._padding = padding if padding is not None else min(self.ends, default=0)
        self._shapes = {name: getattr(rules, name, None) for name in _SHAPES}
        self.temperature = float(rules.temperature or 1.0) if rules.do_sample else 0.0
        if not own_rules:
            self.model.generation_config = transformers.GenerationConfig()

    @property
    def positions(self) -> int | None:
        """The tokens that a prompt and its answer may have together; None if the model does not say."""
        found = getattr(self.model.config.get_text_config(), "max_position_embeddings", None)
        return found if isinstance(found, int) else None

    def free(self) -> None:
        """Give back the memory of the GPU that is not in use."""
        if self.device == "cuda":
            import torch

            torch.cuda.empty_cache()

    def numbers(self, text: str, *, special: bool = False) -> list[int]:
        """The tokens of a text, with the tokenizer's own around it if ``special``."""
        return list(self.tokenizer(text, add_special_tokens=special)["input_ids"])

    def chat_prompt(self, messages: Sequence[Message]) -> list[int]:
        """The tokens of a conversation that the model is to answer, by its chat template.

        Where the template knows no instructions (``system``), they begin the first question.

        Raises:
            ConfigError: it has no template, or one that cannot be used.
        """
        from jinja2 import TemplateError

        if not self.tokenizer.chat_template:
            raise ConfigError(
                f"the model {self.name} has no chat template, so it was not made to follow instructions; give one "
                "that was (its name often ends in -Instruct or -it), or put its chat_template.jinja into the folder"
            )
        problem: Exception | None = None
        for given in (messages, in_one(messages)):
            try:
                text = self.tokenizer.apply_chat_template(
                    [dict(message) for message in given],
                    tokenize=False,
                    add_generation_prompt=True,
                    date_string=DATE,
                    enable_thinking=False,
                )
            except (TemplateError, ValueError, TypeError, KeyError) as error:
                problem = problem or error
            else:
                return self.numbers(text)
        raise ConfigError(
            f"the chat template of the model {self.name} cannot be used ({one_line(problem)}); give another model"
        )

    def write(
        self, prompts: Sequence[Sequence[int]], limits: Sequence[int], draws: Sequence[Draw] = (), *, beams: int = 1
    ) -> list[Row]:
        """What the model writes after each prompt, all in one batch, in the order of the prompts.

        Args:
            prompts: the tokens of each.
            limits: the most tokens that each row may have; a longer one is cut.
            draws: how each row is drawn; none takes the likeliest tokens.
            beams: hypotheses that the search keeps, where nothing is drawn.
        """
        import torch

        width = max(map(len, prompts))
        # Padded before the prompt, so that every row goes on where its prompt ends.
        rows = [[self._padding] * (width - len(prompt)) + list(prompt) for prompt in prompts]
        mask = [[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts]
        drawn = any(draw.temperature for draw in draws)
        with torch.inference_mode():
            output = self.model.generate(
                input_ids=torch.tensor(rows, device=self.device),
                attention_mask=torch.tensor(mask, device=self.device),
                num_beams=beams,
                do_sample=False,
                max_length=None,
                max_new_tokens=max(limits),
                eos_token_id=sorted(self.ends) or None,
                pad_token_id=self._padding,
                logits_processor=[_Drawing(draws, self._shapes, self.device)] if drawn else [],
            )
        return [self._row(row[width:][:limit]) for row, limit in zip(output.tolist(), limits, strict=True)]

    def _row(self, numbers: Sequence[int]) -> Row:
        end = next((place for place, number in enumerate(numbers) if number in self.ends), None)
        text = self.tokenizer.decode(numbers[:end], skip_special_tokens=True)
        return Row(text, end is not None, len(numbers) if end is None else end + 1)


class _Drawing:
    """Draws the next token of each row by a number from the row's own generator; a processor of logits.

    The search that follows takes the likeliest token, and only the drawn one is left to it. Shares add up in the
    order of the vocabulary, so that rounding moves a border by as little as it moves a share.
    """

    def __init__(self, draws: Sequence[Draw], shapes: Mapping[str, float | None], device: str) -> None:
        import torch
        from transformers import MinPLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

        self._random = [random.Random(draw.seed) for draw in draws]
        self._greedy = torch.tensor([[not draw.temperature] for draw in draws], device=device)
        self._temperature = torch.tensor([[draw.temperature or 1.0] for draw in draws], device=device)
        made = {"top_k": (TopKLogitsWarper, 0), "top_p": (TopPLogitsWarper, 1.0), "min_p": (MinPLogitsWarper, 0)}
        given = {name: shapes[name] for name, (_, nothing) in made.items() if shapes[name] not in (None, nothing)}
        self._warpers = [made[name][0](value) for name, value in given.items()]

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        import torch

        shaped = scores.float() / self._temperature
        for warper in self._warpers:
            shaped = warper(input_ids, shaped)
        shares = shaped.double().softmax(-1).cumsum(-1)
        points = torch.tensor([[row.random()] for row in self._random], dtype=shares.dtype, device=shares.device)
        chosen = torch.searchsorted(shares, points * shares[:, -1:], right=True).clamp(max=shares.shape[-1] - 1)
        only = torch.full_like(scores, float("-inf")).scatter(1, chosen, 0.0)
        return torch.where(self._greedy, scores, only)


def _tokenizer(found: LocalModel) -> Path:
    """The folder with the tokenizer: the adapter's, if it was saved with the one that it was trained by."""
    own = found.adapter is not None and (found.adapter / "tokenizer_config.json").is_file()
    return found.adapter if own and found.adapter else found.folder


@contextmanager
def _loading(name: str) -> Iterator[None]:
    """State in one line what transformers and its like raise while they load a model."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, ValueError, KeyError, TypeError, ImportError, RuntimeError, SafetensorError) as error:
        if isinstance(error, RuntimeError) and is_out_of_memory(error):
            said = "there is not enough memory for it; give a smaller model, or a quantised one"
        else:
            said = f"{one_line(error)}; give a causal language model in the format of transformers, downloaded whole"
        raise ConfigError(f"the model {name} cannot be loaded: {said}") from error


def in_one(messages: Sequence[Message]) -> list[Message]:
    """The messages with the instructions at the beginning of the first question."""
    if len(messages) < 2 or messages[0]["role"] != "system":
        return [*messages]
    told, first, *others = messages
    return [{**first, "content": f"{told['content']}\n\n{first['content']}"}, *others]


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether torch says that there is not enough memory, on the GPU or beside it."""
    import torch

    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
