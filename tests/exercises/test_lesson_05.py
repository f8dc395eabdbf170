"""The exercises of lesson 05 name the typical mistakes."""

import numpy as np
import pytest

from ktlearn.exercises.lesson_05_machine import solution_5_5
from ktlearn.exercises.lesson_05_writing import _Table, solution_5_8, solution_5_9, solution_5_12
from tests.exercises.answers import diagnosis, line


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# --- 5.1 ---------------------------------------------------------------------------------------


def with_start(labels, start, rest):
    return np.concatenate([np.full((len(labels), 1), start), rest], axis=1)


SHIFTS = [
    (lambda labels, start: labels, "nothing is shifted"),
    (lambda labels, start: np.roll(labels, 1, axis=1), "np.roll puts the last label in front"),
    (lambda labels, start: np.c_[labels[:, 1:], 0 * labels[:, :1]], "went to the left"),
    (lambda labels, start: with_start(labels, start, labels[:, 1:]), "has replaced the first label"),
    (lambda labels, start: with_start(labels, start, labels), "leave out the last label"),
    (lambda labels, start: with_start(labels, 0, labels[:, :-1]), "0, the padding, and not the start"),
]

# --- 5.2 ---------------------------------------------------------------------------------------


def masks(source, target):
    T = target.shape[1]
    return (source != 0)[:, None, None], (target != 0)[:, None, None], np.tril(np.ones((T, T), bool))


def changed(make):
    """An answer of the three right masks, one or more of them changed."""

    def answer(source, target):
        s, t, causal = masks(source, target)
        return make(s, t, causal)

    return answer


MASKS = [
    (changed(lambda s, t, c: (s, t, s)), "the decoder's mask: the future is open"),
    (changed(lambda s, t, c: (s, c, s)), "the decoder's mask: padding is open"),
    (changed(lambda s, t, c: (s, c | t, s)), "the decoder's mask: or lets too much through"),
    (changed(lambda s, t, c: (s, c.T & t, s)), "the decoder's mask: the triangle looks forward"),
    (changed(lambda s, t, c: (s, c & t, t)), "the mask of the cross-attention: it hides the padding of the target"),
    (changed(lambda s, t, c: (t, c & t, s)), "the encoder's mask: it hides the padding of the target"),
    (changed(lambda s, t, c: (~s, c & t, ~s)), "the encoder's mask: it is the wrong way round"),
    (changed(lambda s, t, c: (s, ~(c & t), s)), "the decoder's mask: it is the wrong way round"),
    (changed(lambda s, t, c: (np.swapaxes(s, -1, -2), c & t, s)), "the encoder's mask: it hides queries"),
    (changed(lambda s, t, c: (s, c & t, s.astype(int))), "the mask of the cross-attention must be boolean"),
    (changed(lambda s, t, c: (s[:, 0, 0], c & t, s)), "the encoder's mask must have the shape"),
    (changed(lambda s, t, c: (s, c & t)), "must return three masks"),
]

# --- 5.3 ---------------------------------------------------------------------------------------


def cross(asks=0, keys=1, values=1, matrices=(0, 1, 2), masked=True, scaled=True):
    def answer(x, memory, W_q, W_k, W_v, is_word):
        both, W = (x, memory), (W_q, W_k, W_v)
        q, k, v = (both[one] @ W[i] for one, i in zip((asks, keys, values), matrices, strict=True))
        scores = q @ np.swapaxes(k, -1, -2) / (np.sqrt(k.shape[-1]) if scaled else 1)
        weights = softmax(np.where(is_word[:, None, :], scores, -1e30) if masked else scores)
        return weights @ v, weights

    return answer


CROSS = [
    (cross(masked=False), "the padding of the source has weight"),
    (cross(scaled=False), "not divided by the root of d_k"),
    (cross(asks=1, keys=0, values=0, masked=False), "the source asks and the target answers"),
    (cross(keys=0, values=0, masked=False), "this is self-attention"),
    (cross(matrices=(1, 0, 2)), "W_q and W_k have changed places"),
    (cross(matrices=(0, 2, 1)), "W_k and W_v have changed places"),
    (lambda x, m, q, k, v, mask: cross()(x, m, q, k, v, ~mask), "the mask is the wrong way round"),
    (lambda *arguments: cross()(*arguments)[0], "must return 2 things: the output, the weights"),
]

# --- 5.5 ---------------------------------------------------------------------------------------

FLOORS = [
    (lambda V, epsilon: 0.0, "0 needs a probability of 1"),
    (lambda V, epsilon: -np.log(1 - epsilon), "the loss of the right token alone, and the share"),
    (lambda V, epsilon: -np.log(1 - epsilon + epsilon / V), "weigh it, add the others"),
    (lambda V, epsilon: np.log(V), "a model that knows nothing"),
    (lambda V, epsilon: -solution_5_5(V, epsilon), "the sign is wrong"),
    (
        lambda V, epsilon: -(1 - epsilon) * np.log(1 - epsilon) - epsilon * np.log(epsilon / (V - 1)),
        "also to the right one",
    ),
]

# --- 5.6 ---------------------------------------------------------------------------------------

WARM_UPS = [
    (lambda peak, d_model: 1 / peak**2, "d_model has no effect"),
    (lambda peak, d_model: d_model * peak**2, "1 divided by the right answer"),
    (lambda peak, d_model: 1 / (peak * d_model**0.5), "a root is left"),
    (lambda peak, d_model: d_model / peak**2, "wrong side of the fraction"),
    (lambda peak, d_model: 4000, "the paper's rate is highest at"),
]

# --- 5.8 ---------------------------------------------------------------------------------------


def beams(cut=None, add=lambda log_p, more: log_p + more, finished="waits", sign=-1):
    def answer(next_log_p, num_beams, max_length):
        now = [((), 0.0)]
        for _ in range(max_length):
            done = [beam for beam in now if 0 in beam[0]] if finished != "goes on" else []
            if finished == "ends" and done:
                break
            after = done if finished == "waits" else []
            for tokens, log_p in now:
                if (tokens, log_p) not in done:
                    after = after + [((*tokens, t), add(log_p, p)) for t, p in enumerate(next_log_p(list(tokens)))]
            now = sorted(after, key=lambda beam: sign * beam[1])[: cut or num_beams] or now
        done = [beam for beam in now if 0 in beam[0]] if finished == "ends" else []
        return list((done or now)[0][0])

    return answer


BEAMS = [
    (beams(cut=1), "this is greedy search"),
    (beams(add=lambda log_p, more: more), "it compares the last token only"),
    (beams(add=lambda log_p, more: log_p * more if log_p else more), "it multiplies logarithms"),
    (beams(finished="ends"), "it stops as soon as one target is finished"),
    (beams(finished="lost"), "finished targets are lost"),
    (beams(finished="goes on"), "it writes on after the end token"),
    (beams(sign=1), "it keeps the worst beginnings"),
    (beams(cut=1000), "it keeps more than num_beams beginnings"),
    (lambda next_log_p, num_beams, max_length: ([1, 0], -0.5), "must return one list of token ids"),
    (lambda next_log_p, num_beams, max_length: [1, 2, 3, 0], "of 60 searches end at the right list"),
]

# --- 5.4 ---------------------------------------------------------------------------------------

MOVED = [
    ([5, 0, None, 0, None, None], "number 1, another token at position 4"),
    ([4, 4, None, 0, None, None], "the whole source to every position"),
    ([4, 0, 0, 0, None, None], "two masks hide the padding"),
    ([4, 0, None, None, None, None], "position vectors differ"),
    ([4, 0, None, 0, 2, None], "labels go into the loss"),
    ([4, 0, None, 0, None, 0], "they lie in the future"),
    ([4, 0, None, 0, None], "a list of 6"),
    ([4, 0, None, 0, None, "no"], "number 6 must be a position"),
]

# --- 5.7 ---------------------------------------------------------------------------------------


def one_round(add=lambda log_p, more: log_p + more, keep=lambda longer, K: longer[:K], sign=-1):
    def answer(beams, next_log_p, num_beams):
        longer = [((*b, t), add(log_p, p)) for b, log_p in beams for t, p in enumerate(next_log_p(b))]
        return keep(sorted(longer, key=lambda beam: sign * beam[1]), num_beams)

    return answer


def one_of_each(longer, num_beams):
    first = {}
    for tokens, log_p in longer:
        first.setdefault(tokens[:-1], (tokens, log_p))
    return list(first.values())


ROUNDS = [
    (one_round(keep=one_of_each), "the best continuation of each beam"),
    (one_round(add=lambda log_p, more: more), "it compares the last token only"),
    (one_round(add=lambda log_p, more: log_p * more), "it multiplies logarithms"),
    (one_round(sign=1), "it keeps the worst"),
    (one_round(keep=lambda longer, K: longer), "it keeps every continuation"),
    (one_round(keep=lambda longer, K: longer[:K][::-1]), "the best one must stand first"),
    (one_round(keep=lambda longer, K: longer[: K - 1]), "a round must leave num_beams beams"),
    (one_round(keep=lambda longer, K: longer[1 : K + 1]), "they are not the best ones"),
    (one_round(keep=lambda longer, K: [tokens for tokens, _ in longer[:K]]), "a list of pairs"),
]

# --- 5.9 ---------------------------------------------------------------------------------------


def drawn(to_p=lambda logits, T: softmax(logits / T), shift=0):
    return lambda logits, temperature, u: int(np.searchsorted(np.cumsum(to_p(logits, temperature)), u)) + shift


DRAWS = [
    (lambda logits, temperature, u: int(logits.argmax()), "this is greedy search"),
    (drawn(lambda logits, T: softmax(logits)), "the temperature has no effect"),
    (drawn(lambda logits, T: softmax(logits * T)), "multiplied by the temperature"),
    (drawn(lambda logits, T: softmax(softmax(logits) / T)), "it divides probabilities"),
    (drawn(shift=1), "one too high"),
    (drawn(shift=-1), "one too low"),
    (drawn(lambda logits, T: softmax(-logits / T)), "of 120 draws give the right token"),
]

# --- 5.10 to 5.12 -------------------------------------------------------------------------------

MAPS = [
    (["Chinese", "English", "German"], "A is not chinese. Its first row looks at the 3"),
    (["English", "German", "Chinese"], "B is not german. Its first four rows"),
    (["English", "French", "German"], "'french' is none of the words"),
    ("English", "a list of three words"),
]
CENTURIES = [
    ({2299: 0.3, 9999: 0.98}, "three ends at least"),
    ({2299: 0.3, 2999: 0.9, 3999: 0.98}, "the end 9999 is missing"),
    ({2299: 0.9, 2999: 0.9, 9999: 0.5}, "the wide span has 0.5 right, no more than the narrow one with 0.9"),
    ({2299: 0.3, 2250: 0.3, 9999: 0.98}, "an end between"),
    ({2299: 30, 2999: 90, 9999: 98}, "a share, from 0 to 1"),
    ({"2299": 0.3}, "a dictionary: the last year"),
]
CLAIMS = [
    ("She is wrong.", "these are 3 words"),
    (
        solution_5_12().replace("teacher", "friend").replace("the right tokens", "them").replace("its own", "the"),
        "what the model reads",
    ),
    (solution_5_12().replace("whole", "long").replace("exact match", "share"), "what has to be right for a user"),
    (solution_5_12().replace("0.99 ** 10 is only about 0.90", "that is rare"), "how often ten tokens in a row"),
]

EVERY_MISTAKE = {
    **{"5.1": SHIFTS, "5.2": MASKS, "5.3": CROSS, "5.4": MOVED, "5.5": FLOORS, "5.6": WARM_UPS, "5.7": ROUNDS},
    **{"5.8": BEAMS, "5.9": DRAWS, "5.10": MAPS, "5.11": CENTURIES, "5.12": CLAIMS},
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "answer", "sentence"),
    [(number, *mistake) for number, mistakes in EVERY_MISTAKE.items() for mistake in mistakes],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_a_typical_mistake_is_named(number, answer, sentence):
    for _ in range(3):  # whatever the random inputs are
        assert sentence in diagnosis(number, answer)


def test_beam_search_may_be_written_in_another_way():
    assert line("5.8", beams()) == "✓ Right."
    assert line("5.7", one_round()) == "✓ Right."


def test_a_token_is_drawn_as_often_as_it_is_probable():
    logits, us = np.log([0.1, 0.6, 0.3]), np.linspace(0, 1, 1000, endpoint=False)
    counts = np.bincount([solution_5_9(logits, 1.0, u) for u in us])
    assert counts == pytest.approx([100, 600, 300], abs=1)
    assert line("5.9", drawn()) == "✓ Right."


def test_the_toy_decoder_needs_each_beam():
    table = _Table(np.random.default_rng(0))
    found = [tuple(solution_5_8(table, num_beams, 4)) for num_beams in (1, 2, 3)]
    assert len(set(found)) == 3
    assert np.exp(table([1, 2])).sum() == pytest.approx(1, abs=1e-6)


def test_cross_attention_may_use_lists_and_other_shapes_inside():
    def with_einsum(x, memory, W_q, W_k, W_v, is_word):
        scores = np.einsum("btd,bsd->bts", x @ W_q, memory @ W_k) / 2
        weights = softmax(np.where(is_word[:, None], scores, -1e9))
        return [np.einsum("bts,bsd->btd", weights, memory @ W_v), weights]

    assert line("5.3", with_einsum) == "✓ Right."


def test_the_floor_is_the_entropy_of_the_smoothed_target():
    assert solution_5_5(4, 0.1) == pytest.approx(-0.925 * np.log(0.925) - 3 * 0.025 * np.log(0.025))
