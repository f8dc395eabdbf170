"""Write tiny tokenizers of SentencePiece, and what transformers makes of a text with them.

    torch-env/bin/pip install sentencepiece protobuf
    torch-env/bin/python tests/golden/make_tokenizers.py

ktlearn needs SentencePiece only for checkpoints without a tokenizer.json. Written with sentencepiece 0.2.3.
"""

import io
import json
from pathlib import Path

import sentencepiece
import transformers

HERE = Path(__file__).parent / "tokenizers"
TEXTS = ["the good book was very good", "a bad film is not a good book", "read the book again", "the film was long"]
UNIGRAM = dict(model_type="unigram", bos_id=-1)
# folder → file → how its numbers begin
FILES = {
    "llama": {"tokenizer.model": dict(model_type="bpe", unk_id=0, bos_id=1, eos_id=2)},
    "t5": {"spiece.model": UNIGRAM | dict(pad_id=0, eos_id=1, unk_id=2)},
    "xlm-roberta": {"sentencepiece.bpe.model": dict(model_type="unigram", unk_id=0, bos_id=1, eos_id=2)},
    "marian": {name: UNIGRAM | dict(eos_id=0, unk_id=1) for name in ("source.spm", "target.spm")},
}


def main():
    for name, files in FILES.items():
        folder = HERE / name
        folder.mkdir(parents=True, exist_ok=True)
        for file, options in files.items():
            (folder / file).write_bytes(trained(options))
        if name == "marian":
            processor = sentencepiece.SentencePieceProcessor(model_file=str(folder / "source.spm"))
            pieces = [processor.id_to_piece(i) for i in range(processor.get_piece_size())]
            vocabulary = {piece: i for i, piece in enumerate([*pieces, "<pad>"])}
            (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False) + "\n")
        (folder / "config.json").write_text(json.dumps({"model_type": name}) + "\n")
        ids = transformers.AutoTokenizer.from_pretrained(folder)("the good book")["input_ids"]
        (folder / "config.json").unlink()
        (folder / "expected.json").write_text(json.dumps(ids) + "\n")
        print(name, ids)


def trained(options):
    """A model of a few words; without rules of normalisation it has half a kilobyte."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXTS * 20),
        model_writer=model,
        vocab_size=50,
        hard_vocab_limit=False,
        normalization_rule_name="identity",
        minloglevel=2,
        **options,
    )
    return model.getvalue()


if __name__ == "__main__":
    main()
