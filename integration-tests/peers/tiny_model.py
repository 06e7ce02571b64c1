"""Writes a llama model that is small, whole and random: it speaks nonsense, but
by the same path as a real one. Usage: tiny_model.py FILE"""

import sys

import gguf
import numpy as np

EMBEDDING, HEADS, LAYERS, FEED_FORWARD, CONTEXT = 64, 4, 2, 128, 4096

writer = gguf.GGUFWriter(sys.argv[1], "llama")
writer.add_name("tiny-random")
writer.add_context_length(CONTEXT)
writer.add_embedding_length(EMBEDDING)
writer.add_block_count(LAYERS)
writer.add_feed_forward_length(FEED_FORWARD)
writer.add_head_count(HEADS)
writer.add_head_count_kv(HEADS)
writer.add_layer_norm_rms_eps(1e-5)
writer.add_rope_dimension_count(EMBEDDING // HEADS)
writer.add_file_type(gguf.LlamaFileType.ALL_F32)

# A SentencePiece vocabulary: three marks, every byte, and the printable
# characters as pieces of their own.
kinds = gguf.TokenType
tokens = [("<unk>", kinds.UNKNOWN), ("<s>", kinds.CONTROL), ("</s>", kinds.CONTROL)]
tokens += [(f"<0x{byte:02X}>", kinds.BYTE) for byte in range(256)]
tokens += [(character, kinds.NORMAL) for character in "▁" + "".join(map(chr, range(33, 127)))]
writer.add_tokenizer_model("llama")
writer.add_token_list([text for text, _ in tokens])
writer.add_token_scores([0.0] * len(tokens))
writer.add_token_types([kind for _, kind in tokens])
writer.add_bos_token_id(1)
writer.add_eos_token_id(2)
writer.add_unk_token_id(0)
writer.add_add_bos_token(True)
writer.add_add_eos_token(False)

random = np.random.default_rng(7)


def tensor(name, *shape):
    writer.add_tensor(name, random.normal(0, 0.05, shape).astype(np.float32))


def ones(name):
    writer.add_tensor(name, np.ones(EMBEDDING, dtype=np.float32))


tensor("token_embd.weight", len(tokens), EMBEDDING)
ones("output_norm.weight")
tensor("output.weight", len(tokens), EMBEDDING)
for layer in range(LAYERS):
    block = f"blk.{layer}"
    ones(f"{block}.attn_norm.weight")
    ones(f"{block}.ffn_norm.weight")
    for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
        tensor(f"{block}.{part}.weight", EMBEDDING, EMBEDDING)
    tensor(f"{block}.ffn_gate.weight", FEED_FORWARD, EMBEDDING)
    tensor(f"{block}.ffn_up.weight", FEED_FORWARD, EMBEDDING)
    tensor(f"{block}.ffn_down.weight", EMBEDDING, FEED_FORWARD)

writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
