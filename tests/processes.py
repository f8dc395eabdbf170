"""Programs that run beside a test: what they print goes into files, every wait has an end, and none is left over."""

import contextlib
import socket
import subprocess
import tempfile

LIMIT = 600  # seconds that a test waits for a program: for one that hangs, and so far more than a crowded machine needs


@contextlib.contextmanager
def started(commands, environments):
    """A program for each command and its environment, all running; when the block ends, they do."""
    with contextlib.ExitStack() as stack:
        programs = []
        for command, environment in zip(commands, environments, strict=True):
            files = [stack.enter_context(tempfile.TemporaryFile("w+")) for _ in range(2)]
            programs.append(Program(command, environment, *files))
            stack.callback(programs[-1].stop)
        yield programs


class Program(subprocess.Popen):
    """One of them. It prints into files: a pipe that nobody reads fills up, and stops it and those that wait for it."""

    def __init__(self, command, environment, output, errors):
        self.files = output, errors
        super().__init__(command, env=environment, stdout=output, stderr=errors)

    def end(self):
        """Wait for its end: the exit status, the output and the errors.

        Raises:
            subprocess.TimeoutExpired: it did not come.
        """
        self.wait(LIMIT)
        for file in self.files:
            file.seek(0)
        return self.returncode, *(file.read() for file in self.files)

    def stop(self):
        """Whatever it is doing."""
        self.kill()
        self.wait(LIMIT)


def free_address():
    """An address of this machine that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"
