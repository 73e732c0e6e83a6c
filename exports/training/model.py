"""The base model: any causal one of transformers, with its tokenizer and its chat template, or a plain one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workspace.errors import ConfigError, one_line
from workspace.hub import MODELS
from workspace.local.causal import NEEDED, is_out_of_memory
from workspace.local.machine import quiet_transformers
from workspace.local.models import LocalModel, local_model

# for a model that has no chat template: the prompt, an empty line, the answer, and the token that ends a text
PLAIN = (
    "{% for message in messages %}{{ message['content'] }}"
    "{% if message['role'] == 'assistant' %}{{ eos_token }}{% else %}{{ '\\n\\n' }}{% endif %}{% endfor %}"
)
_CAUSAL = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")


@dataclass(frozen=True)
class Base:
    """The base model before its weights are loaded.

    Attributes:
        found: its files, revision and licence.
        tokenizer: with a chat template in any case.
        plain: whether the template is ``PLAIN``, because the model has none of its own.
        parameters: how many weights it has.
        longest: the tokens that it can take in; None if it does not say.
        on_hub: whether it is a model of the Hub, and not a folder.
    """

    found: LocalModel
    tokenizer: Any
    plain: bool
    parameters: int
    longest: int | None
    on_hub: bool

    def to_json(self) -> dict[str, Any]:
        """As ``training.json`` holds it."""
        return {
            "name": self.found.name,
            "revision": self.found.revision,
            "on_hub": self.on_hub,
            "licence": str(self.found.licence) if self.found.licence else None,
            "parameters": self.parameters,
            "plain_template": self.plain,
        }


def find_base(model: str, home: Path, *, dry_run: bool = False) -> Base:
    """Find a causal model, and download it if it is not on this machine.

    Raises:
        ConfigError: there is no such model, or it is not a causal one.
        MissingPartError: it cannot be downloaded.
    """
    found = local_model(model, NEEDED, cache=home / MODELS, read_only=dry_run)
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    with quiet_transformers(), _stated(found):
        config = AutoConfig.from_pretrained(found.folder, trust_remote_code=False)
        _check_causal(config, found)
        tokenizer = AutoTokenizer.from_pretrained(found.folder, trust_remote_code=False)
        with torch.device("meta"):
            parameters = AutoModelForCausalLM.from_config(config, trust_remote_code=False).num_parameters()
    plain = not tokenizer.chat_template
    if plain:
        tokenizer.chat_template = PLAIN
    if tokenizer.eos_token is None:
        raise ConfigError(f"the model {found.name}: its tokenizer has no token that ends a text; give another model")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    longest = getattr(config.get_text_config(), "max_position_embeddings", None)
    return Base(
        found,
        tokenizer,
        plain,
        int(parameters),
        longest if isinstance(longest, int) else None,
        on_hub=not Path(model).expanduser().is_dir(),
    )


def load_base(base: Base, *, dtype: str, four_bit: bool = False, attention: str | None = None) -> Any:
    """Load the weights, to train an adapter on or to merge one into.

    Raises:
        ConfigError: they cannot be loaded.
    """
    import torch
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig

    numbers = dtype if dtype == "auto" else getattr(torch, dtype)
    options: dict[str, Any] = {"dtype": numbers, "attn_implementation": attention, "trust_remote_code": False}
    if four_bit:
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=numbers
        )
    with quiet_transformers(), _stated(base.found):
        return AutoModelForCausalLM.from_pretrained(base.found.folder, **options)


def lora(given: Mapping[str, Any]) -> Any:
    """The adapter's settings; by default on all linear layers, so that it fits any architecture."""
    from peft import LoraConfig

    return LoraConfig(
        task_type="CAUSAL_LM",
        r=given["lora_r"],
        lora_alpha=given["lora_alpha"],
        lora_dropout=given["lora_dropout"],
        target_modules=given["lora_target_modules"] or "all-linear",
        modules_to_save=given["lora_modules_to_save"],
        use_rslora=given["use_rslora"],
        use_dora=given["use_dora"],
    )


def _check_causal(config: Any, found: LocalModel) -> None:
    """Refuse what cannot go on with a text: encoders, translators, classifiers."""
    from transformers import MODEL_FOR_CAUSAL_LM_MAPPING

    named = [str(name) for name in config.architectures or ()]
    is_causal = not named or any(name.endswith(_CAUSAL) for name in named)
    if config.is_encoder_decoder or type(config) not in MODEL_FOR_CAUSAL_LM_MAPPING or not is_causal:
        kind = named[0] if named else type(config).__name__
        raise ConfigError(
            f"the model {found.name} is not a causal language model ({kind}), so it cannot learn to answer; give "
            "one such as Qwen/Qwen3-0.6B"
        )


@contextmanager
def _stated(found: LocalModel) -> Iterator[None]:
    """State in one line what transformers raises while it loads a model."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, ValueError, KeyError, TypeError, ImportError, RuntimeError, SafetensorError) as error:
        if isinstance(error, RuntimeError) and is_out_of_memory(error):
            raise ConfigError(
                f"the model {found.name} does not fit the memory; give a smaller one, or load_in_4bit: true on a GPU"
            ) from error
        raise ConfigError(f"the model {found.name} cannot be loaded ({one_line(error)})") from error
