"""The bundled sentences are new to the translator: no near twin of them is among Tatoeba's pairs."""

from tests.real import measure_translator
from tests.real.data import needs_data


@needs_data
def test_no_sentence_has_a_near_twin_among_tatoebas_pairs():
    assert measure_translator.twins() == []


def test_the_kept_figures_name_both_programs():
    kept = measure_translator.KEPT.read_text(encoding="utf-8")
    assert "sacrebleu" in kept and "ktlearn.text.bleu" in kept
