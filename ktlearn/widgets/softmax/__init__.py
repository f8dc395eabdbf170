"""SoftmaxPlayground: scores become weights."""
