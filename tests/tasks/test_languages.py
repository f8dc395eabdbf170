"""Which languages a translator writes, from what its checkpoint says."""

import types

import pytest

from ktlearn.tasks.languages import language, languages_of


def translator(name="mine", uses=None, vocabulary=(), target=None):
    return types.SimpleNamespace(
        name=name,
        model=types.SimpleNamespace(config=types.SimpleNamespace(task_specific_params=uses)),
        tokenizer=types.SimpleNamespace(
            get_vocab=lambda: dict.fromkeys(vocabulary, 0),
            init_kwargs={} if target is None else {"target_lang": target},
        ),
    )


EN_DE = {"translation_en_to_de": {"prefix": "translate English to German: "}}
FR_DE = {"translation_fr_to_de": {"prefix": "translate French to German: "}}


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (translator(), {}),
        (translator("ktlearn/translator-en-zh"), {"zh": ""}),
        (translator("/models/opus-mt-en-de/"), {"de": ""}),
        (translator("opus-mt-en-ROMANCE", vocabulary=[">>it<<", ">>fr<<", "the"]), {"fr": ">>fr<< ", "it": ">>it<< "}),
        (translator("x", vocabulary=[">>pt_br<<"], target="ROMANCE"), {"pt_br": ">>pt_br<< "}),
        (translator("x", vocabulary=[">>cmn_Hans<<"], target="zh"), {"zh": "", "cmn_Hans": ">>cmn_Hans<< "}),
        (translator("x", target="nl"), {"nl": ""}),
        (translator("t5", EN_DE | {"summarization": {}}), {"de": "translate English to German: "}),
        (translator("t5", EN_DE | FR_DE), {"en-de": EN_DE["translation_en_to_de"]["prefix"],
                                          "fr-de": FR_DE["translation_fr_to_de"]["prefix"]}),
        (translator("t5", {"translation_en_to_de": "damaged"}), {}),
    ],
)  # fmt: skip
def test_a_checkpoint_says_it_in_its_uses_its_vocabulary_or_its_name(known, expected):
    assert languages_of(known) == expected


def test_the_only_language_need_not_be_named_nor_one_that_wants_no_token():
    assert language(translator("opus-mt-en-zh"), None) == ("zh", "")
    assert language(translator("x", vocabulary=[">>cmn_Hans<<"], target="zh"), None) == ("zh", "")
    assert language(translator("t5", EN_DE), None) == ("de", "translate English to German: ")


def test_a_checkpoint_that_says_nothing_takes_the_text_as_it_is():
    assert language(translator("mine"), None) == (None, "")
    with pytest.raises(ValueError, match="to='de': 'mine' does not say which languages it knows. Leave `to` out"):
        language(translator("mine"), "de")
