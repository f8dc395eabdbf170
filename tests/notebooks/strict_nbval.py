"""A pytest plugin over nbval: each code cell of a lesson is a test, and every output is compared.

run_nbval.py loads it (``pytest -p strict_nbval --nbval``). Beyond nbval: numbers agree as
number_tolerance.py says, the gaps of kernel_protocol.py are closed, a cell that was never run fails
(nbval would pass it), tests are named after the cells, and lessons write into a folder of their own.
"""

import os
import re
import shutil
import tempfile
from pathlib import Path

import pytest
from kernel_protocol import LessonKernel, Page
from nbval.kernel import CURRENT_ENV_KERNEL_NAME
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError
from number_tolerance import Tolerant

# What rounding alone moves far in a *trained* model is compared as little as pictures; what a lesson says of it, it
# asserts. Single weights move by 0.8, the order of the worst errors changes, and with it their texts.
_MOVING = re.compile(
    r""""[-?.\d\ ]{100,}" | The\ strongest\ weight\ is\ [^"]*                        # a frozen view
    | (?<=id:)\d+\ \|\ loss:.*\n.+                                                   # a worst error and its text
    | <span\ title="[-+.\d]+"\ style="[^"]*">([^<]*)</span>                           # a word's colour, not the word
    | (?<=p\ =\ )[.\d]+(?=\?) | (?<=log-odds:\ )[-+.\d]+,\ with\ every\ word\ hidden\ [-+.\d]+
    | (?<=The\ scores\ sum\ to\ )[-+.\d]+\ of\ [-+.\d]+                               # an explanation's sums
    | (?m:^»\ .+$)                                                                   # what it wrote, on lines with »
    """,
    re.VERBOSE,
)


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(parent):
    collected = yield
    return [LessonFile.from_parent(parent, path=it.path) if type(it) is IPyNbFile else it for it in collected]


class LessonFile(IPyNbFile):
    page = None  # around the cell that runs

    def collect(self):
        for it in super().collect():
            name = it.cell.get("id", it.name)
            yield LessonCell.from_parent(self, name=name, cell_num=it.cell_num, cell=it.cell, options=it.options)

    def setup(self):
        self.folder = tempfile.mkdtemp(prefix="ktlearn-lesson-")
        # A learner who has solved nothing yet, as when the lesson was saved; conftest.py turns it off for other tests.
        os.environ["KTLEARN_PROGRESS"] = str(Path(self.folder) / "progress.jsonl")
        timeout = self.config.option.nbval_kernel_startup_timeout
        self.kernel = LessonKernel(CURRENT_ENV_KERNEL_NAME, cwd=self.folder, startup_timeout=timeout)
        self.setup_sanitize_files()

    def teardown(self):
        super().teardown()
        shutil.rmtree(self.folder, ignore_errors=True)

    def get_kernel_message(self, timeout=None, stream="iopub"):
        while True:
            message = super().get_kernel_message(timeout=timeout, stream=stream)
            is_ours = message["parent_header"].get("msg_id") == self.kernel.running
            if not (is_ours and self.page.takes(message)):
                return message


class LessonCell(IPyNbCell):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.output_timeout = 60  # seconds for the last message; nbval's 5 are short on a busy machine

    def runtest(self):
        if self.cell.execution_count is None:
            raise NbCellError(
                self.cell_num, "This cell was saved without being run. Run `make notebooks`.", self.cell.source
            )
        self.parent.page = Page(self)
        super().runtest()

    def sanitize(self, s):
        text = super().sanitize(s)
        if not isinstance(text, str):
            return text
        trained = "trained" in self.cell.metadata.get("tags", ())
        text = Tolerant(_MOVING.sub(r"\1", text) if trained else text)
        text.trained = trained
        return text

    def reportinfo(self):
        return self.path, None, f"{self.path.stem}: {self.name}"
