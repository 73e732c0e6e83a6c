"""Tiny models that the tests make for themselves, offline, in the files of real ones: the real code loads them.

- ``make_marian``: a translation model; its words are one SentencePiece each.
- ``make_causal``: a language model, or a classifier, with a tokenizer trained on the texts of a test.
- ``make_scripted``: a language model that has learned by heart what to answer.
- ``make_adapter``: an adapter of one of them.
- ``make_encoder``: a multilingual sentence-transformers model, to which translations are alike.

Weights are seeded, so equal versions make equal folders.
"""

from __future__ import annotations

import json
import re
import shutil
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

ENGLISH = """
the a of to and in is it you that he was for on are with as I his they be at one have this from or
had by hot but some what there we can out other were all your when up use word how said an each she
which do their time if will way about many then them would write like so these her long make thing
see him two has look more day could go come did my sound no most number who over know water than
call first people may down side been now find
""".split()  # noqa: SIM905
SPANISH = """
el la de que y a en un ser se no haber por con su para como estar tener le lo todo pero más hacer o
poder decir este ir otro ese si me ya ver porque dar cuando él muy sin vez mucho saber qué sobre mi
alguno mismo yo también hasta año dos querer entre así primero desde grande eso ni nos llegar pasar
tiempo ella sí día uno bien poco deber entonces poner cosa tanto hombre parecer nuestro tan donde
ahora parte después vida quedar siempre creer
""".split()  # noqa: SIM905
CARD = "---\nlicense: {licence}\n---\nA tiny model of random weights.\n"
END_BIAS = 3.0  # makes a Marian's translations end after some words, as a trained model's do
SPECIAL = ["<|endoftext|>", "<|pad|>", "<|im_start|>", "<|im_end|>"]
# ChatML, after the date if one is given, as SalamandraTA has it
CHAT = (
    "{% if date_string %}{{ date_string + '\n' }}{% endif %}"
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>' + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
# what an encoder knows: the records of ``tests.reviews`` and others of the tests
TRANSLATIONS = (
    ("Why do rivers matter?", "¿Por qué importan los ríos?"),
    ("They live.", "Viven."),
    ("It depends.", "Depende."),
    ("They are useful.", "Son útiles."),
    ("Should forests be protected?", "¿Hay que proteger los bosques?"),
    ("Must woodland be defended?", "¿Se deben defender las arboledas?"),
)
SYNONYMS = (("forests", "woodland"), ("protected", "defended"))
DIMENSION = 32  # of an encoder's vectors
# the ends of the instructions and of the question: enough to tell a script's questions apart, and little to learn
TAIL = (
    "{% for m in messages %}<{{ m['role'] }}> {{ m['content'][-160:] }} {% endfor %}"
    "{% if add_generation_prompt %}<answer>{% endif %}"
)


def sentence(words: Sequence[str], length: int, start: int = 0) -> str:
    """A sentence of ``length`` words, another one for every ``start``."""
    chosen = [words[(start * 31 + place * (7 + start % 5)) % len(words)] for place in range(length)]
    return " ".join(chosen).capitalize() + "."


def make_marian(
    folder: Path,
    *,
    licence: str | None = "cc-by-4.0",
    source_lang: str = "en",
    target_lang: str = "es",
    codes: Sequence[str] = (),
    vocabulary: int = 0,
    width: int = 64,
    layers: int = 2,
    ffn: int = 128,
    end_bias: float = END_BIAS,
) -> Path:
    """Write a Marian model of random weights; ``codes`` are the target languages of a multilingual one."""
    import torch
    from transformers import MarianConfig, MarianMTModel
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    folder.mkdir(parents=True, exist_ok=True)
    vocab = {"</s>": 0, "<unk>": 1} | {f">>{code}<<": number for number, code in enumerate(codes, start=2)}
    for words, name in ((ENGLISH, "source"), (SPANISH, "target")):
        for piece in _sentencepiece(folder / f"{name}.spm", words):
            vocab.setdefault(piece, len(vocab))
    while len(vocab) < vocabulary - 1:
        vocab[f"▁relleno{len(vocab)}"] = len(vocab)
    vocab["<pad>"] = len(vocab)
    _write_json(folder / "vocab.json", vocab)
    settings = {"source_lang": source_lang, "target_lang": target_lang, "tokenizer_class": "MarianTokenizer"}
    _write_json(folder / "tokenizer_config.json", {**settings, "model_max_length": 512})
    torch.manual_seed(0)
    model = MarianMTModel(
        MarianConfig(
            vocab_size=len(vocab),
            d_model=width,
            encoder_layers=layers,
            decoder_layers=layers,
            encoder_ffn_dim=ffn,
            decoder_ffn_dim=ffn,
            encoder_attention_heads=8,
            decoder_attention_heads=8,
            max_position_embeddings=512,
            pad_token_id=vocab["<pad>"],
            eos_token_id=0,
            decoder_start_token_id=vocab["<pad>"],
            forced_eos_token_id=0,
            scale_embedding=True,
            activation_function="swish",
            tie_word_embeddings=False,
            share_encoder_decoder_embeddings=True,
        )
    )
    if not vocabulary:
        _enliven(model)
    model.final_logits_bias[0, 0] = end_bias
    model.generation_config.bad_words_ids = [[vocab["<pad>"]]]
    model.save_pretrained(folder)
    if licence:
        (folder / "README.md").write_text(CARD.format(licence=licence), encoding="utf-8")
    return folder


def _enliven(model: Any) -> None:
    """Make weights so large that every word of a source tells on its translation, as a trained model's do."""
    for name, parameter in model.named_parameters():
        if parameter.dim() == 2 and "embed_positions" not in name:
            embedding = "shared" in name or "embed_tokens" in name or "lm_head" in name
            parameter.data.mul_(12 if embedding else 20 if "encoder_attn" in name else 2)


def _sentencepiece(path: Path, words: Sequence[str]) -> list[str]:
    import sentencepiece

    text = path.with_suffix(".txt")
    text.write_text("\n".join(sentence(words, 22, start) for start in range(500)), encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(text),
        model_prefix=str(path.with_suffix("")),
        vocab_size=300,
        character_coverage=1.0,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    text.unlink()
    path.with_suffix(".vocab").unlink()
    shutil.move(path.with_suffix(".model"), path)
    model = sentencepiece.SentencePieceProcessor(model_file=str(path))
    pieces = [model.id_to_piece(number) for number in range(model.get_piece_size())]
    return [piece for piece in pieces if piece not in ("<s>", "</s>", "<unk>")]


def _write_json(path: Path, data: object) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")


def make_causal(folder: Path, texts: Iterable[str] = (), *, classifier: bool = False) -> Path:
    """Write a Llama of two small layers and its tokenizer, which joins what is frequent in ``texts``, if any."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, LlamaForSequenceClassification
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    tokenizer = _byte_pairs(texts)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(1)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=tokenizer.model_max_length,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        initializer_range=0.6,  # so that every token of a prompt tells on what follows
        num_labels=1,
    )
    model = (LlamaForSequenceClassification if classifier else LlamaForCausalLM)(config)
    if not classifier:
        model.lm_head.weight.data[tokenizer.eos_token_id] *= 3  # so that generations end
    model.save_pretrained(folder)
    (folder / "README.md").write_text(CARD.format(licence="apache-2.0"), encoding="utf-8")
    return folder


def _byte_pairs(texts: Iterable[str]) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=1000,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(texts, trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe, eos_token=SPECIAL[0], pad_token=SPECIAL[1])
    tokenizer.chat_template = CHAT
    tokenizer.model_max_length = 1024
    return tokenizer


def make_scripted(
    folder: Path, script: Sequence[tuple[Sequence[dict[str, str]], str]], *, licence: str = "apache-2.0"
) -> Path:
    """Write a Llama of one layer that answers the conversations of ``script`` with its texts, word by word.

    It is trained until it knows them by heart, and made so sure that nothing else is ever drawn.
    """
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    asked = [_tail(conversation) for conversation, _ in script]
    words = dict.fromkeys(" ".join([*asked, *(text for _, text in script)]).split())
    vocab = {word: number for number, word in enumerate(["<end>", "<unknown>", *words])}
    bare = Tokenizer(models.WordLevel(vocab, unk_token="<unknown>"))
    bare.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bare, eos_token="<end>", pad_token="<end>")
    tokenizer.chat_template = TAIL
    tokenizer.save_pretrained(folder)
    torch.manual_seed(3)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(vocab),
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=1,
            num_attention_heads=4,
            num_key_value_heads=4,
            max_position_embeddings=512,
            bos_token_id=None,
            eos_token_id=0,
            pad_token_id=0,
        )
    )
    pairs = zip(asked, script, strict=True)
    _learn(
        model,
        [(tokenizer(prompt)["input_ids"], tokenizer(f"{text} <end>")["input_ids"]) for prompt, (_, text) in pairs],
    )
    model.lm_head.weight.data *= 8
    model.save_pretrained(folder)
    (folder / "README.md").write_text(CARD.format(licence=licence), encoding="utf-8")
    return folder


def make_adapter(folder: Path, base: Path) -> Path:
    """Write a LoRA adapter of a model, with random weights that move what it says."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(1)
    rules = LoraConfig(target_modules=["q_proj", "o_proj", "down_proj"], r=4, lora_alpha=400, init_lora_weights=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of names that peft still uses
        get_peft_model(AutoModelForCausalLM.from_pretrained(base), rules).save_pretrained(folder)
    return folder


def _tail(conversation: Sequence[dict[str, str]]) -> str:
    """A conversation as ``TAIL`` has it."""
    return "".join(f"<{message['role']}> {message['content'][-160:]} " for message in conversation) + "<answer>"


def _learn(model: Any, pairs: Sequence[tuple[list[int], list[int]]]) -> None:
    """Train until the likeliest next token is the right one everywhere in the answers."""
    import torch

    width = max(len(prompt) + len(answer) for prompt, answer in pairs)
    rows = torch.tensor([prompt + answer + [0] * (width - len(prompt) - len(answer)) for prompt, answer in pairs])
    labels = torch.full_like(rows, -100)
    for row, (prompt, answer) in enumerate(pairs):
        labels[row, len(prompt) : len(prompt) + len(answer)] = torch.tensor(answer)
    optimiser = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0, fused=True)
    known = labels[:, 1:] != -100
    for _ in range(400):
        states = model.model(rows).last_hidden_state[:, :-1][known]
        losses = torch.nn.functional.cross_entropy(model.lm_head(states), labels[:, 1:][known], reduction="none")
        if losses.max() < 0.2:
            return
        optimiser.zero_grad()
        losses.mean().backward()
        optimiser.step()
    raise AssertionError("the tiny model did not learn its script")


def make_encoder(folder: Path, pairs: Iterable[tuple[str, str]] = ()) -> Path:
    """Write a sentence-transformers model in which words that translate each other share a vector.

    So a text and its translation have the same words to it. It knows the words of ``pairs``, of ``TRANSLATIONS`` and
    of the check that a model is multilingual.
    """
    import numpy as np
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    from loaders.check.embeddings.check import PAIRS

    rows = {"[UNK]": np.zeros(DIMENSION, np.float32)}
    random = np.random.default_rng(7)
    for sentences in (*PAIRS, *TRANSLATIONS, *pairs):
        vector = random.normal(size=DIMENSION).astype(np.float32)
        for word in re.findall(r"\w{4,}", " ".join(sentences).lower()):
            rows.setdefault(word, vector)
    for word, other in SYNONYMS:
        rows[other] = rows[word] = rows[word] + rows[other]
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(rows)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    module = StaticEmbedding(tokenizer, embedding_weights=np.stack(list(rows.values())))
    SentenceTransformer(modules=[module], device="cpu").save(str(folder), create_model_card=False)
    return folder
