"""Makes a tiny model of the Llama 3.1 kind: the true vocabulary and a chat template, two small random layers.

It says nothing sensible, but everything about loading it is what the 8B model goes through.
"""

import json
from pathlib import Path

import gguf
import numpy as np

LAYERS, WIDTH, HEADS, KEY_VALUE_HEADS, INNER = 2, 64, 4, 2, 96
CONTEXT_TOKENS = 4096
NAMED_IN_3_1 = {128004: "<|finetune_right_pad_id|>", 128008: "<|eom_id|>", 128010: "<|python_tag|>"}
"""Tokens that Llama 3.0 held in reserve; some copies of the tokenizer still have them without their names."""
BEGIN_OF_TEXT, END_OF_TEXT, END_OF_MESSAGE, END_OF_TURN = 128000, 128001, 128008, 128009


def write_tiny_llama3(tokenizer: Path, target: Path, *, seed: int = 7) -> Path:
    """Write the model to `target`, from the directory that holds tokenizer.json and tokenizer_config.json."""
    description = json.loads((tokenizer / "tokenizer.json").read_text())
    config = json.loads((tokenizer / "tokenizer_config.json").read_text())
    partial = target.with_suffix(".partial")
    writer = gguf.GGUFWriter(partial, "llama")
    writer.add_name("Tiny Llama 3.1")
    writer.add_context_length(CONTEXT_TOKENS)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_VALUE_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(500_000.0)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    vocabulary_size = _add_vocabulary(writer, description, config)
    _add_weights(writer, vocabulary_size, np.random.default_rng(seed))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return partial.replace(target)


def _add_vocabulary(writer: gguf.GGUFWriter, description: dict, config: dict) -> int:
    texts = dict(description["model"]["vocab"])
    added = {token["id"]: token for token in description["added_tokens"]}
    by_id = {id_: text for text, id_ in texts.items()} | {id_: token["content"] for id_, token in added.items()}
    by_id |= {id_: name for id_, name in NAMED_IN_3_1.items() if id_ in by_id}
    kinds = [
        (gguf.TokenType.CONTROL if added[i]["special"] else gguf.TokenType.USER_DEFINED)
        if i in added
        else gguf.TokenType.NORMAL
        for i in range(len(by_id))
    ]
    merges = [m if isinstance(m, str) else " ".join(m) for m in description["model"]["merges"]]
    writer.add_vocab_size(len(by_id))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("llama-bpe")
    writer.add_token_list([by_id[i] for i in range(len(by_id))])
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    ids = {text: id_ for id_, text in by_id.items()}
    writer.add_bos_token_id(ids["<|begin_of_text|>"])
    writer.add_eos_token_id(ids["<|eot_id|>"])
    writer.add_chat_template(config["chat_template"])
    return len(by_id)


def _add_weights(writer: gguf.GGUFWriter, vocabulary_size: int, random: np.random.Generator) -> None:
    key_value = WIDTH // HEADS * KEY_VALUE_HEADS

    def matrix(name: str, rows: int, columns: int) -> None:
        values = random.standard_normal((rows, columns)).astype(np.float32) / np.sqrt(columns)
        writer.add_tensor(name, values.astype(np.float16))

    matrix("token_embd.weight", vocabulary_size, WIDTH)
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        for norm in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"{block}{norm}.weight", np.ones(WIDTH, dtype=np.float32))
        matrix(block + "attn_q.weight", WIDTH, WIDTH)
        matrix(block + "attn_k.weight", key_value, WIDTH)
        matrix(block + "attn_v.weight", key_value, WIDTH)
        matrix(block + "attn_output.weight", WIDTH, WIDTH)
        matrix(block + "ffn_gate.weight", INNER, WIDTH)
        matrix(block + "ffn_up.weight", INNER, WIDTH)
        matrix(block + "ffn_down.weight", WIDTH, INNER)
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, dtype=np.float32))
    # A rope scaling table stands in Llama 3.1 files; all ones leave the rotation as it is.
    writer.add_tensor("rope_freqs.weight", np.ones(WIDTH // HEADS // 2, dtype=np.float32))
