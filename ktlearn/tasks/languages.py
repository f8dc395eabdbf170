"""Which languages a checkpoint translates into, from what it says of itself."""

import re
from pathlib import Path

from ktlearn.tasks.opened import uses_for

TOKEN = re.compile(r">>(\w+)<<")  # Marian's with several targets: a text begins with such a token
PAIR = re.compile(r"-([a-z]{2,3})-([a-z]{2,3})$")  # opus-mt-en-zh
USE = re.compile(r"translation_(\w+)_to_(\w+)")
NAMED = re.compile(r"\bto (\w+)")  # "translate English to German: "


def languages_of(opened):
    """The languages that a translator writes: a dictionary, code → what stands before a text for it.

    T5 writes them in ``task_specific_params``; Marian in its vocabulary where it has several, else in the tokenizer's
    ``target_lang`` or in its name. Empty where nothing says it.

    Args:
        opened: an :class:`ktlearn.tasks.opened.Opened`.
    """
    uses = {USE.fullmatch(use): one for use, one in uses_for("translate", opened.model.config).items()}
    pairs = {pair.groups(): str(one.get("prefix", "")) for pair, one in uses.items() if pair}
    if pairs:
        targets = [to for _, to in pairs]
        return {to if targets.count(to) == 1 else f"{source}-{to}": text for (source, to), text in pairs.items()}
    codes = filter(None, map(TOKEN.fullmatch, opened.tokenizer.get_vocab()))
    several = {code[1]: f"{code[0]} " for code in sorted(codes, key=lambda code: code[1])}
    named = PAIR.search(Path(opened.name).name)
    own = opened.tokenizer.init_kwargs.get("target_lang") or (named and named[2])
    is_one = isinstance(own, str) and (not several or re.fullmatch("[a-z]{2}", own))  # "ROMANCE" is a family of them
    return ({own: ""} if is_one else {}) | several


def language(opened, to):
    """The language to translate into, and what stands before a text for it: ``(code or None, prefix)``.

    Args:
        opened: as in :func:`languages_of`.
        to: a code, or the name that the prefix has ("German"); None for the only one.

    Raises:
        TypeError: it is no text.
        ValueError: the checkpoint does not write that language, or writes several and none is named.
    """
    if to is not None and not isinstance(to, str):
        raise TypeError(f"to must be a language, such as 'de'; got {to!r}.")
    known = languages_of(opened)
    if not known:
        if to is not None:
            raise ValueError(f"to={to!r}: {opened.name!r} does not say which languages it knows. Leave `to` out.")
        return None, ""
    if to is None and (len(known) == 1 or "" in known.values()):
        to = next(code for code, prefix in known.items() if len(known) == 1 or not prefix)
    spoken = {code.lower(): code for code in known}
    spoken |= {found[1].lower(): code for code, prefix in known.items() if (found := NAMED.search(prefix))}
    code = None if to is None else spoken.get(to.lower())
    if code is None:
        asked = "to: it must be named" if to is None else f"to={to!r}: the model does not write it"
        raise ValueError(f"{asked}. {opened.name!r} translates into: {', '.join(known)}.")
    return code, known[code]
