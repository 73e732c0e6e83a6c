"""Tiny models that the tests make for themselves: a Marian of random weights, in the files of a real one.

Words are one SentencePiece each and the weights are seeded, so equal versions make equal folders.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
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
END_BIAS = 3.0  # makes translations end after some words, as a trained model's do


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


def make_causal(folder: Path, *, chat: bool, licence: str = "apache-2.0") -> Path:
    """Write a causal model of random weights whose tokens are characters; with a chat template if ``chat``."""
    import torch
    from tokenizers import Regex, Tokenizer
    from tokenizers.decoders import Fuse
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Split
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    folder.mkdir(parents=True, exist_ok=True)
    words = ["<unk>", "<s>", "</s>", "\n", *map(chr, range(32, 127)), *"áéíóúñü¿¡"]
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = Split(Regex(r"[\s\S]"), "isolated")
    tokenizer.decoder = Fuse()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="<unk>", bos_token="<s>", eos_token="</s>", pad_token="</s>"
    )
    if chat:
        fast.chat_template = (
            "{{ date_string }}\n{% for message in messages %}{{ message.content }}{% endfor %}"
            "{% if add_generation_prompt %}\n{% endif %}"
        )
    fast.save_pretrained(folder)
    torch.manual_seed(1)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(words),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=4,
            max_position_embeddings=2048,
            bos_token_id=1,
            eos_token_id=2,
            pad_token_id=2,
            tie_word_embeddings=False,
            initializer_range=0.6,
        )
    )
    model.lm_head.weight.data[2] *= 3  # so that generations end
    model.save_pretrained(folder)
    (folder / "README.md").write_text(CARD.format(licence=licence), encoding="utf-8")
    return folder
