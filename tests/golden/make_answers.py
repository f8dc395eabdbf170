"""Write what PyTorch's logits say is the answer, for the tiny random readers of `make_golden.py`.

    torch-env/bin/python tests/golden/make_answers.py

Windows come from the tokenizer of transformers itself, and the best span is looked for one by one: nothing here is
shared with ktlearn. Written with torch 2.13 and transformers 5.23.
"""

import json
from pathlib import Path

import torch
import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

HERE = Path(__file__).parent
MODELS = ("bert-question-answering", "distilbert-question-answering")
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = "who when where what how is was the a an of in at on and it to ann bob cleo dora oak street baker bread six"
PIECES = ["##s", "##er", "##ing", ".", ",", "?", "opens", "bake", "corner", "one", "two", "has", "met", "then", "walk"]
LONGEST = 30
CASES = [
    ("Who met Bob?", "Ann met Bob, then Cleo.", 24, 4),
    ("When is bread at the corner?", "Oak Street has two bakers. The one at the corner opens at six.", 24, 4),
    ("What has Dora?", "It was Dora. Dora has bread, and it is the bread of the baker on Oak Street, " * 3, 24, 6),
    ("Where?", "Bob and Ann walk to the corner.\n\n  Then it is six.  " * 4, 18, 5),
]


def tokenizer():
    words = [*SPECIAL, *WORDS.split(), *PIECES]
    words += [f"[unused{number}]" for number in range(60 - len(words))]
    core = Tokenizer(models.WordPiece({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
    core.normalizer = normalizers.BertNormalizer(lowercase=True)
    core.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ends = [(token, words.index(token)) for token in ("[CLS]", "[SEP]")]
    core.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ends
    )
    names = dict(unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]")
    inputs = ["input_ids", "token_type_ids", "attention_mask"]
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=core, model_max_length=24, model_input_names=inputs, **names
    )


def answered(model, reader, question, passage, maxlen, overlap):
    """The best span by brute force, and the windows' smallest sum of position 0."""
    found, none = (-float("inf"), 0, 0), float("inf")
    cut = reader(
        question,
        passage,
        truncation="only_second",
        max_length=maxlen,
        stride=overlap,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )
    for number, ids in enumerate(cut["input_ids"]):
        inputs = {"input_ids": torch.tensor([ids])}
        if model.config.model_type == "bert":
            inputs["token_type_ids"] = torch.tensor([cut["token_type_ids"][number]])
        with torch.no_grad():
            output = model(**inputs)
        starts, ends = output.start_logits[0].tolist(), output.end_logits[0].tolist()
        none = min(none, starts[0] + ends[0])
        places = [place for place, part in enumerate(cut.sequence_ids(number)) if part == 1]
        for first in places:
            for last in places:
                if first <= last < first + LONGEST and starts[first] + ends[last] > found[0]:
                    offsets = cut["offset_mapping"][number]
                    found = starts[first] + ends[last], offsets[first][0], offsets[last][1]
    score, start, end = found
    return dict(start=start, end=end, margin=score - none, windows=len(cut["input_ids"]))


def main():
    reader = tokenizer()
    reader.save_pretrained(HERE / "answers")
    lines = []
    for name in MODELS:
        model = transformers.AutoModelForQuestionAnswering.from_pretrained(HERE / name).eval()
        for question, passage, maxlen, overlap in CASES:
            case = dict(model=name, question=question, passage=passage, maxlen=maxlen, overlap=overlap)
            lines.append(case | answered(model, reader, question, passage, maxlen, overlap))
            print(lines[-1])
    text = json.dumps(lines, indent=1) + "\n"
    (HERE / "answers" / "expected.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
