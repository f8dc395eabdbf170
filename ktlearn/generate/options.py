"""What can be asked for: one checked set of options, from the checkpoint's ``generation_config.json`` and the call."""

import dataclasses
import warnings
from dataclasses import dataclass

from ktlearn.support.arguments import check_flag, check_number, check_whole, is_whole

# Of transformers, and without a say in which tokens are written; or with one only at other values than these.
NO_SAY = (
    *("_from_model_config", "transformers_version", "use_cache", "cache_implementation", "bos_token_id"),
    *("output_attentions", "output_hidden_states", "output_scores", "output_logits", "return_dict_in_generate"),
    "remove_invalid_values",
)
NEUTRAL = {
    "typical_p": 1.0,
    "diversity_penalty": 0.0,
    "num_beam_groups": 1,
    "encoder_repetition_penalty": 1.0,
    "encoder_no_repeat_ngram_size": 0,
    "guidance_scale": 1.0,
    "epsilon_cutoff": 0.0,
    "eta_cutoff": 0.0,
}
OF_SAMPLING = ("temperature", "top_k", "top_p", "seed")
OF_BEAMS = ("length_penalty", "early_stopping")
TOKENS = ("pad_token_id", "decoder_start_token_id", "forced_bos_token_id", "forced_eos_token_id")


@dataclass(frozen=True)
class Options:
    """How a text is written. The names are those of transformers' ``generation_config.json``.

    Args:
        max_new_tokens: the most tokens to write, the end token included.
        max_length: in its place, the most tokens with the prompt; of an encoder–decoder, with the token that begins.
        min_new_tokens, min_length: no end before so many.
        num_beams: more than 1 for beam search.
        length_penalty: beams are compared by ``log P / length ** length_penalty``; above 0 helps long texts.
        early_stopping: see :class:`ktlearn.generate.beams.Beams`.
        num_return_sequences: how many texts for each prompt; of beams the best ones.
        do_sample: True to draw each token by its probability.
        temperature: below 1 the likely becomes likelier, above 1 all become more alike.
        top_k: only so many of the likeliest tokens are drawn; 0 for all. 50 as in transformers.
        top_p: only the likeliest that have this probability together are drawn; 1 for all.
        seed: the same one gives the same text; None draws one from NumPy's global state.
        repetition_penalty: above 1 makes tokens of the text less likely to come again.
        no_repeat_ngram_size: so many tokens in a row never come twice; 0 for no such rule.
        suppress_tokens: ids that are never written.
        bad_words_ids: the same, each id in a list of its own; an end is never among them.
        renormalize_logits: True to make probabilities again of what the rules leave, before beams are compared.
        forced_bos_token_id, forced_eos_token_id: the first and the last new token.
        eos_token_id: the id, or the ids, after which nothing follows.
        pad_token_id: what fills up the ids behind the end; None for the end token.
        decoder_start_token_id: where an encoder–decoder's target begins.
        stop_strings: a string or several; a text ends where one of them is complete. Needs a tokenizer.

    Raises:
        ValueError, TypeError: a value that none of these can have, or two that do not go together.

    >>> Options(num_beams=4, eos_token_id=2).eos_token_id
    (2,)
    """

    max_new_tokens: int | None = None
    max_length: int | None = None
    min_new_tokens: int = 0
    min_length: int = 0
    num_beams: int = 1
    length_penalty: float = 1.0
    early_stopping: bool | str = False
    num_return_sequences: int = 1
    do_sample: bool = False
    temperature: float = 1.0
    top_k: int = 50
    top_p: float = 1.0
    seed: int | None = None
    repetition_penalty: float = 1.0
    no_repeat_ngram_size: int = 0
    suppress_tokens: tuple = ()
    bad_words_ids: tuple = ()
    renormalize_logits: bool = False
    forced_bos_token_id: int | None = None
    forced_eos_token_id: int | None = None
    eos_token_id: int | tuple = ()
    pad_token_id: int | None = None
    decoder_start_token_id: int | None = None
    stop_strings: str | tuple = ()

    def __post_init__(self):
        for name in ("max_new_tokens", "max_length"):
            if getattr(self, name) is not None:
                check_whole(name, getattr(self, name))
        for name in ("min_new_tokens", "min_length", "top_k", "no_repeat_ngram_size"):
            check_whole(name, getattr(self, name), least=0)
        for name in ("num_beams", "num_return_sequences"):
            check_whole(name, getattr(self, name))
        if self.seed is not None:
            check_whole("seed", self.seed, least=0)
        check_flag("do_sample", self.do_sample)
        check_flag("renormalize_logits", self.renormalize_logits)
        if self.temperature == 0 and not isinstance(self.temperature, bool):
            raise ValueError("temperature: 0 would divide by zero. For the best token each time: do_sample=False.")
        check_number("temperature", self.temperature, 0, 1000, 0.7)
        check_number("top_p", self.top_p, 0, 1, 0.9)
        check_number("repetition_penalty", self.repetition_penalty, 0, 1000, 1.2)
        check_number("length_penalty", self.length_penalty, -10, 10, 1.0)
        if not isinstance(self.early_stopping, bool) and self.early_stopping != "never":
            raise ValueError(f"early_stopping must be True, False or 'never'; got {self.early_stopping!r}.")
        object.__setattr__(self, "eos_token_id", _ids("eos_token_id", self.eos_token_id))
        object.__setattr__(self, "suppress_tokens", _ids("suppress_tokens", self.suppress_tokens))
        object.__setattr__(self, "bad_words_ids", _words_of_one_token(self.bad_words_ids))
        object.__setattr__(self, "stop_strings", _strings(self.stop_strings))
        self._check_together()

    def _check_together(self):
        if self.num_beams > 1 and self.do_sample:
            raise ValueError("num_beams and do_sample: beams take the likeliest tokens, so nothing is drawn. Give one.")
        if self.num_beams > 1 and self.stop_strings:
            raise ValueError("stop_strings: beams of one text end at several places. Give num_beams=1.")
        if self.num_beams > 1 and self.num_return_sequences > self.num_beams:
            raise ValueError(
                f"num_return_sequences={self.num_return_sequences}, but there are only num_beams={self.num_beams}."
            )
        if self.num_beams == 1 and not self.do_sample and self.num_return_sequences > 1:
            raise ValueError(
                f"num_return_sequences={self.num_return_sequences}: without beams or do_sample=True all texts of a "
                "prompt would be the same."
            )

    def check_vocabulary(self, vocab_size):
        """Are all token ids among the model's?

        Args:
            vocab_size: V.

        Raises:
            ValueError: one is not, or there are more beams than tokens.
        """
        given = {name: [getattr(self, name)] for name in TOKENS if getattr(self, name) is not None}
        given |= {name: getattr(self, name) for name in ("eos_token_id", "suppress_tokens", "bad_words_ids")}
        for name, tokens in given.items():
            for token in tokens:
                if not is_whole(token) or not 0 <= token < vocab_size:
                    raise ValueError(
                        f"{name} must be a token id of the model, 0 to {vocab_size - 1}; got {token!r}. It may come "
                        f"from the checkpoint's generation_config.json or config.json: give {name}=… to change it."
                    )
        if self.num_beams * max(2, 1 + len(self.eos_token_id)) > vocab_size:
            raise ValueError(f"num_beams={self.num_beams} are too many for a vocabulary of {vocab_size}.")


def options_of(model, given):
    """The options of a call: what is given, else what the checkpoint says, else the defaults.

    Args:
        model: its ``generation_config`` is a dictionary, if it has one.
        given: a dictionary.

    Returns:
        An :class:`Options`.

    Raises:
        TypeError: an option that does not exist.
        ValueError: one that has no effect beside the others, or as :class:`Options`.
    """
    names = {field.name for field in dataclasses.fields(Options)}
    if unknown := sorted(given.keys() - names):
        raise TypeError(f"generate: there is no option {unknown[0]!r}. Accepted: {', '.join(sorted(names))}.")
    given = {name: value for name, value in given.items() if value is not None}
    written = dict(getattr(model, "generation_config", None) or {})
    _name_what_is_left_out(written, names)
    written = {name: value for name, value in written.items() if name in names and value is not None}
    for total, new in (("max_length", "max_new_tokens"), ("min_length", "min_new_tokens")):
        if total in given and new in given:
            raise ValueError(f"{total} and {new} say the same thing in two ways. Give one.")
        if total in given or new in given:
            written = {name: value for name, value in written.items() if name not in (total, new)}
    # A checkpoint may ask for sampling, or for beams, by itself: an explicit choice of the other one wins.
    if is_whole(given.get("num_beams")) and given["num_beams"] > 1:
        written.pop("do_sample", None)
    if given.get("do_sample") is True:
        written.pop("num_beams", None)
    options = Options(**written | given)
    idle = [name for name in OF_SAMPLING if name in given and not options.do_sample]
    idle += [name for name in OF_BEAMS if name in given and options.num_beams == 1]
    if idle:
        needed = "do_sample=True" if idle[0] in OF_SAMPLING else "num_beams above 1"
        raise ValueError(f"{idle[0]}={given[idle[0]]!r} has an effect only with {needed}.")
    return options


def _name_what_is_left_out(written, names):
    """A setting of the checkpoint that ktlearn does not know may change the text: say so."""
    unknown = [
        f"{name}={value!r}"
        for name, value in written.items()
        if name not in names and name not in NO_SAY and value not in (None, False, NEUTRAL.get(name))
    ]
    if unknown:
        warnings.warn(
            f"The checkpoint's generation_config.json asks for {', '.join(unknown)}, which ktlearn does not do. "
            "The text may differ from that of transformers.",
            stacklevel=4,
        )


def _ids(name, tokens):
    tokens = (tokens,) if is_whole(tokens) else tokens
    if isinstance(tokens, str) or not hasattr(tokens, "__iter__"):
        raise TypeError(f"{name} must be a token id, or several; got {tokens!r}.")
    return tuple(tokens)


def _words_of_one_token(words):
    if isinstance(words, str) or not hasattr(words, "__iter__"):
        raise TypeError(f"bad_words_ids must be a list of lists of token ids; got {words!r:.80}.")
    words = [tuple(word) if isinstance(word, (list, tuple)) else (word,) for word in words]
    if any(len(word) != 1 for word in words):
        raise ValueError(f"bad_words_ids: only words of one token can be forbidden; got {max(words, key=len)}.")
    return tuple(token for (token,) in words)


def _strings(strings):
    strings = (strings,) if isinstance(strings, str) else strings
    if not hasattr(strings, "__iter__") or not all(isinstance(each, str) and each for each in strings):
        raise TypeError(f"stop_strings must be a string that is not empty, or a list of them; got {strings!r}.")
    return tuple(strings)
