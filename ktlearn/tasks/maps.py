"""The attention maps of a result: computed only when somebody asks for them."""

from ktlearn.generate.writing import Task


def maps_of(model, tokenizer, text, maxlen, pair=None):
    """A function that answers with an encoder's maps on a text, for :attr:`ktlearn.tasks.results.Result.attention`.

    Args:
        model: a model of ktlearn.
        tokenizer: its own.
        text: what it read.
        maxlen: where the text is cut, in tokens.
        pair: the second text, of a model that read two.
    """

    def read():
        from ktlearn.widgets.attention.from_model import blocks_of_text

        return blocks_of_text(model, tokenizer, text, pair, maxlen)

    return read


def maps_of_written(opened, parts, options):
    """The same for a model that writes: of an encoder–decoder the maps of encoder, decoder and cross-attention.

    Args:
        opened: an :class:`ktlearn.tasks.opened.Opened`.
        parts: ``(ids, new)`` of one text, what the model read and what it wrote; of a text in several parts each has
            maps of its own, and its number stands in their names.
        options: those with which it was written.
    """

    def read():
        from ktlearn.widgets.attention.from_model import blocks_of_inputs

        found = {}
        for number, (ids, new) in enumerate(parts, start=1):
            prompt = {"input_ids": [ids], "attention_mask": [[1] * len(ids)]}
            inputs = Task(opened.model, prompt, opened.tokenizer, options).whole(new[None])
            sides = [inputs[name][0].tolist() for name in ("input_ids", "decoder_input_ids") if name in inputs]
            blocks = blocks_of_inputs(opened.model, inputs, *map(opened.tokenizer.convert_ids_to_tokens, sides))
            found |= {name if len(parts) == 1 else f"{name}, part {number}": maps for name, maps in blocks.items()}
        return found

    return read
