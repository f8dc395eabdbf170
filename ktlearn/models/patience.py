"""Talk to the hub with a patience that ends: a server that sends a byte a second keeps every timeout waiting."""

import threading
import time

PATIENCE, LEAST = 20, 10_000  # in so many seconds at least so many bytes


def with_patience(function, *arguments):
    """Call a function that asks the hub, and stop it when almost nothing comes.

    Ctrl-C works meanwhile, and stops it too.

    Args:
        function: it may raise whatever it likes.
        *arguments: its arguments.

    Returns:
        What the function returns.

    Raises:
        ConnectionError: the hub sent less than :data:`LEAST` bytes in :data:`PATIENCE` seconds.
    """
    from huggingface_hub.utils import get_session

    talk, answers, session = _Talk(), [], get_session()

    def work():
        talk.thread = threading.get_ident()
        try:
            answers.append((function(*arguments), None))
        except BaseException as error:
            answers.append((None, error))

    thread, hooks = threading.Thread(target=work, daemon=True), session.event_hooks
    session.event_hooks = {kind: [*hooks[kind], getattr(talk, f"on_{kind}")] for kind in ("request", "response")}
    try:
        thread.start()
        while thread.is_alive():
            thread.join(0.2)
            talk.check()
    except BaseException:
        talk.stop()
        raise
    finally:
        session.event_hooks = hooks
    answer, error = answers[0]
    if error is not None:
        raise error
    return answer


class _Talk:
    """The request of one thread that is on its way, and what has come of its answer."""

    def __init__(self):
        self.thread = self.response = None
        self.is_waiting, self.is_stopped, self.counted, self.since = False, False, 0, 0.0

    def on_request(self, request):
        if threading.get_ident() == self.thread:
            if self.is_stopped:
                raise ConnectionError("nobody waits for this any more")
            self.response, self.is_waiting, self.counted, self.since = None, True, 0, time.monotonic()

    def on_response(self, response):
        if threading.get_ident() == self.thread:
            self.response, self.since = response, time.monotonic()

    def check(self):
        response = self.response
        if not self.is_waiting or (response is not None and response.is_closed):
            return
        received = 0 if response is None else response.num_bytes_downloaded
        if received - self.counted >= LEAST:
            self.counted, self.since = received, time.monotonic()
        elif time.monotonic() - self.since > PATIENCE:
            raise ConnectionError(f"it sent less than {LEAST:,} bytes in {PATIENCE} seconds")

    def stop(self):
        """Let the thread end at its next byte or its next request."""
        self.is_stopped = True
        if self.response is not None:
            self.response.close()
