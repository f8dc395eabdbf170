"""The exercises of lesson 00, Start here."""

import functools
import re

import numpy as np

from ktlearn.exercises.compare import as_array
from ktlearn.exercises.exercise import Exercise, NotYet
from ktlearn.exercises.in_words import check_in_words

SENTENCE = "She closed her eyes and smiled."
FAMILIES = {
    "is this review positive or negative?": "encoder",
    "continue an e-mail that somebody began": "decoder",
    "an English letter becomes a German one": "encoder-decoder",
    "mark every name of a person in a text": "encoder",
    "write a story from its first line": "decoder",
    "find the words in a text that answer a question": "encoder",
    "a long report becomes three sentences": "encoder-decoder",
}


def check_0_1(answer):
    steps = as_array(answer, "the number of steps", shape=())
    sentences = {
        100: "that is the RNN, which goes one word in each step. Here a word hears two on each side.",
        1: "that is attention. Here a word hears only two on each side.",
        25: "news goes two words in each step, not four: one side of the window looks the wrong way.",
        51: "there are 101 words, so only 100 words to go.",
    }
    if int(steps) != steps:
        raise NotYet("a number of steps is a whole number.")
    if int(steps) in sentences:
        raise NotYet(sentences[int(steps)])
    if steps != solution_0_1():
        raise NotYet(f"not {int(steps)}. How far does the news travel in one step, and how far must it go?")


def solution_0_1():
    return 100 // 2  # 100 words to go, 2 in each step


def check_0_2(answer):
    if not isinstance(answer, str):
        raise NotYet("the answer is one word, a text in quotes.")
    word = answer.strip()
    if not (word.isascii() and word.isalpha() and word.islower()):
        raise NotYet("give one English word in small letters, without spaces or digits.")
    pieces = _tokenizer().tokenize(word)
    if "[UNK]" in pieces:
        raise NotYet("the tokenizer gave up on this word: it is too long. Take a real one.")
    if len(pieces) < 3:
        raise NotYet(f"it becomes {pieces}: {len(pieces)} piece{'s' * (len(pieces) > 1)}. Take a rarer word.")


def solution_0_2():
    return "photosynthesis"


def check_0_3(answer):
    if not isinstance(answer, dict) or set(answer) != set(FAMILIES):
        raise NotYet("keep the dictionary of the cell with its seven tasks, and put a family behind each.")
    found = {task: re.sub(r"[\s–—_-]+", "-", str(family).strip().lower()) for task, family in answer.items()}
    for task, family in found.items():
        if family not in set(FAMILIES.values()):
            raise NotYet(f'{task!r}: write "encoder", "decoder" or "encoder-decoder", not {answer[task]!r:.30}.')
    why = {
        "encoder": "the text is there, and nothing new is written: only marks or a label",
        "decoder": "there is one text only, and it is continued",
        "encoder-decoder": "there are two texts: one is read as a whole, the other is written",
    }
    wrong = [task for task, family in found.items() if family != FAMILIES[task]]
    if wrong:
        raise NotYet(f"{len(wrong)} of {len(found)} are not right. Look at {wrong[0]!r}: {why[FAMILIES[wrong[0]]]}.")


def solution_0_3():
    return {
        "is this review positive or negative?": "encoder",
        "continue an e-mail that somebody began": "decoder",
        "an English letter becomes a German one": "encoder-decoder",
        "mark every name of a person in a text": "encoder",
        "write a story from its first line": "decoder",
        "find the words in a text that answer a question": "encoder",
        "a long report becomes three sentences": "encoder-decoder",
    }


def check_0_4(answer):
    if str(answer).strip().lower() not in ("a", "b", "c"):
        raise NotYet('answer with one letter: "a", "b" or "c".')
    letter = str(answer).strip().lower()
    if letter == "a":
        raise NotYet("compute two steps on paper. The first step goes from 0 to 10.8: is 4 between the two?")
    if letter == "b":
        raise NotYet("something moves: the first error is −12, and 0.3 · 12 · 3 is not nothing.")


def solution_0_4():
    w, errors = 0.0, []
    for _ in range(3):
        error = w * 3 - 12
        w = w - 0.3 * error * 3
        errors.append(error)  # -12, 20.4, -34.68
    return "c" if abs(errors[-1]) > abs(errors[0]) else "a"


def check_0_5(answer):
    found = as_array(answer, "the answer", shape=(2,))
    best = solution_0_5()
    if tuple(found) == tuple(best):
        return
    if tuple(found[::-1]) == tuple(best):
        raise NotYet("these are the right numbers, turned round: the layer comes first.")
    if tuple(found - 1) == tuple(best):
        raise NotYet("layers and heads are counted from 0.")
    layers, heads = _maps().shape[:2]
    if not (0 <= found[0] < layers and 0 <= found[1] < heads):
        raise NotYet(f"layers are 0 to {layers - 1}, heads 0 to {heads - 1}.")
    layer, head = (int(number) for number in found)
    mean = np.diagonal(_maps()[layer, head], -1).mean()
    after = np.diagonal(_maps()[layer, head], 1).mean()
    if after > 0.5:
        raise NotYet("this head looks at the token after, one to the right. Look for the line below the diagonal.")
    raise NotYet(f"head {head} of layer {layer} has {mean:.2f} of its attention on the token before. One has more.")


def solution_0_5():
    before = np.diagonal(_maps(), -1, 2, 3).mean(axis=-1)  # (layers, H)
    layer, head = np.unravel_index(before.argmax(), before.shape)
    return int(layer), int(head)


_POINTS = [
    (r"\b(left|before|previous|behind|preced|position|distance)", "where the tokens stand that this head looks at"),
    (
        r"\b(eyes|closed|smiled|rows|other row|other tokens|each token|every token)\b",
        "another row of the map than that of *her*",
    ),
    (
        r"\b(24|other head|many heads|search|chosen|chose|picked|select|one map|single|one sentence|more sentences|"
        r"another sentence|other sentences)",
        "how this head was found, or what one would look at besides",
    ),
]


def check_0_6(answer):
    check_in_words(answer, _POINTS, "Give your friend two or three sentences.", least=20)


def solution_0_6():
    return (
        "The row of her is darkest at she, but read the rows of eyes and smiled: they too look at a token one or two "
        "positions to their left. So this head may follow positions, and know nothing of women. We also searched 24 "
        "heads for the one that fits the story; other sentences would show whether it looks at the right person."
    )


@functools.cache
def _tokenizer():
    from ktlearn import text

    return text.Transformer("ktlearn/mini-bert-en").get_tokenizer()


@functools.cache
def _maps():
    """The attention maps of the lesson's sentence, ``(layers, H, L_q, L_k)``."""
    from ktlearn import models

    model = models.from_pretrained("ktlearn/mini-bert-en", verbose=0)
    out = model(_tokenizer()([SENTENCE], return_tensors="np"), return_attention=True)
    return np.array(out.attentions)[:, 0]


EXERCISES = [
    Exercise(
        "0.1",
        "A window",
        minutes=3,
        difficulty=1,
        check=check_0_1,
        solution=solution_0_1,
        why="Two words in each step, 100 words to go. Such a network is called *convolutional*. Its way is shorter "
        "than an RNN's, but it still grows with the text.",
        hints=(
            "How far does the news travel in one step?",
            "From the first of 101 words to the last there are 100 words to go.",
            "100 words, two in each step. Or call the function of section 1: steps(101, 2).",
        ),
    ),
    Exercise(
        "0.2",
        "A word in pieces",
        minutes=4,
        difficulty=1,
        check=check_0_2,
        solution=solution_0_2,
        why="One of many. With such pieces, a small vocabulary can write every word.",
        hints=(
            "Frequent words have a token of their own. So the word must be rare.",
            "Try long words of science, or a word made of several others.",
            "Is there a word for what plants do with light?",
        ),
    ),
    Exercise(
        "0.3",
        "Seven tasks, three families",
        minutes=6,
        difficulty=1,
        check=check_0_3,
        solution=solution_0_3,
        why="Ask two questions. Is a new text written? If not, an encoder does. Is there a second text that is read as "
        "a whole? If so, an encoder reads it for the decoder. (Large decoders of today do all seven: they read the "
        "question as the beginning of the text that they continue. You choose here by what each family was built for.)",
        hints=(
            "First question for each task: does a new text come out, or only a label or marks?",
            "Second question: is there another text, which is read as a whole before anything is written?",
            "Three are for an encoder, two for a decoder, two for an encoder-decoder.",
        ),
    ),
    Exercise(
        "0.4",
        "A step too large",
        minutes=5,
        difficulty=1,
        check=check_0_4,
        solution=solution_0_4,
        why="Each step multiplies the error by 1 − 9 · 0.3 = −1.7: the errors are −12, 20.4, −34.68. With 0.05 the "
        "factor is 0.55, and the error shrinks. The size of the step is called *learning rate*, and lesson 08 is about "
        "it alone.",
        hints=(
            "Take paper, begin with w = 0, and compute the new w once.",
            "The error is −12, so w becomes 0 + 0.3 · 12 · 3 = 10.8. What is the error now?",
            "3 · 10.8 − 12 = 20.4. Is that closer to 0 than −12?",
        ),
    ),
    Exercise(
        "0.5",
        "One to the left",
        minutes=8,
        difficulty=2,
        check=check_0_5,
        solution=solution_0_5,
        why="Head 4 of layer 1 has 0.63 of its attention on the token before, on average. Its line in the grid is one "
        "of the two sharpest.",
        hints=(
            "Open the grid of section 6. Which pattern do you look for?",
            "It is the diagonal just below the main one: row 1 looks at column 0, row 2 at column 1.",
            "np.diag(maps[0, 0], k=-1) takes these eight weights from head 0 of layer 0. Take the mean for every head.",
        ),
    ),
    Exercise(
        "0.6",
        "A story about a map",
        minutes=8,
        difficulty=2,
        check=check_0_6,
        solution=solution_0_6,
        why="The check looks only for three points: where the head looks, in *several* rows, and how it was found. "
        "Compare your text with this one: the map shows weights, everything else is a guess that needs more sentences.",
        hints=(
            "Read at least two more rows of the map of section 6. Where do those tokens look?",
            "Count the distance in each row: how many positions to the left?",
            "And how did we come to this head? We searched 24 of them for exactly this cell.",
        ),
    ),
]
