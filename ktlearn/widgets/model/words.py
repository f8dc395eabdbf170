"""What ModelView says, in the browser and in pictures."""

WORDS = {
    "hint": "Click a block to open it. With the keyboard: Tab and Enter, Escape closes; brackets change the layer.",
    "layer": "layer",
    "head": "head",
    "counts": "counts",
    "temperature": "temperature",
    "top_k": "top k",
    "all": "all",
    "run": "run",
    "parameters": "parameters",
    "macs": "multiply-adds",
    "tokens": {"encoder": "tokens of the encoder", "decoder": "tokens of the decoder", "stack": "vectors"},
    "strips": {
        "other": ["comes in", "goes out"],
        "feed_forward": ["comes in", "between W₁ and W₂", "goes out"],
        "residual": ["before", "added", "sum"],
        "positions": ["before", "added", "sum"],
        "segments": ["before", "added", "sum"],
        "embedding": ["its row"],
        "head": ["comes in"],
    },
    "best": "most probable",
    "facts": {
        "id": "id",
        "length": "length",
        "share": "‖added‖ / ‖before‖",
        "cosine": "cosine, before and sum",
        "mean": "mean of what comes in",
        "spread": "its spread",
        "rms": "root mean square of what comes in",
        "above": "above zero, of #",
    },
    "strip": "A strip is the beginning of a vector: its first # numbers, blue above zero, orange below; the largest "
    "twentieth of a block's numbers have the strongest colour.",
    "steps": ["key", "k", "q · k", "scaled", "softmax", ""],
    "query": "query",
    "masked": "may not look",
    "waiting": "The numbers of this head are on their way; a frozen copy may hold those of another head or layer only.",
    "next": "the most probable tokens at",
    "rest": "all others",
    "classes": "probabilities of the classes",
    "counted": "Parameters are numbers learned; multiply-adds are those of the matrix products for a text of # tokens.",
    "kinds": {
        "embedding": "Each token id picks its row of a table: the vector with which its way begins.",
        "positions": "A vector for each place is added, since attention by itself does not know order.",
        "segments": "A vector for first or second text is added, the same for all tokens of a text.",
        "distances": "A number for each head and each distance is added to the scores before the softmax.",
        "norm": "Each vector is brought to mean 0 and variance 1, then scaled and shifted, each of its numbers by "
        "learned ones. An RMS norm leaves mean and shift out.",
        "rotary": "Queries and keys are turned by an angle that grows with their position, so that their products know "
        "how far apart they stand.",
        "attention": "Each token asks all that it may look at, and gets a mix of their values, in each head another.",
        "cross_attention": "Each token of the target asks the memory, which is the encoder's answer for the source: "
        "there are L_q = T queries and L_k = S keys.",
        "feed_forward": "The same small network for each token by itself: out to F numbers, of which many "
        "stay at or near zero, and back.",
        "residual": "What the block answered is added to what came in. A small share, or a cosine near 1, "
        "means that the block changed little.",
        "layer": "Its blocks stand in the picture, from the bottom to the top.",
        "pooler": "One vector for the whole text, made of the first token's.",
        "head": "Each vector becomes a logit for every answer; softmax makes probabilities of them.",
        "other": "A layer of your own.",
    },
    "keyboard": "The model, from the bottom to the top",
}
