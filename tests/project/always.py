"""A model that looks at no text."""


class Always:
    """Gives these answers in turn, whatever is asked."""

    def __init__(self, *answers):
        self.answers = answers

    def predict(self, texts):
        return [self.answers[i % len(self.answers)] for i in range(len(texts))]
