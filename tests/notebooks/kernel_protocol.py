"""What a notebook page does with a kernel's messages, and nbval 0.11 does not.

- nbval runs cells without history, and then IPython prints a last line in spite of its ``;``.
- ``clear_output`` empties the cell's outputs, at once or when the next output arrives.
- An update of a display replaces what that display showed.
- What is printed while an Output widget captures (as in `interact`) is shown in the widget.
"""

from nbval.kernel import RunningKernel


class LessonKernel(RunningKernel):
    running = None  # the id of the request that the kernel works on

    def execute_cell_input(self, cell_input, allow_stdin=None):
        self.running = self.kc.execute(cell_input, store_history=True, allow_stdin=allow_stdin, stop_on_error=False)
        return self.running


class Page:
    """The page around one running cell. ``cell.test_outputs`` is the list that nbval fills."""

    def __init__(self, cell):
        self.cell = cell
        self.clear_before_next = False
        self.places = {}  # display id -> places in the outputs
        self.capturing = set()  # Output widgets

    def takes(self, message):
        """Apply a message to the outputs; True when nbval must not see it."""
        kind, content = message["msg_type"], message["content"]
        if kind == "comm_msg":
            self._note_capture(content)
        elif kind == "clear_output":
            self._clear(content["wait"])
            return True
        elif kind == "update_display_data":
            self._update(content)
            return True
        elif kind in ("stream", "display_data", "execute_result"):
            if self.capturing:
                return True
            self._make_room(content)
        return False

    def _note_capture(self, content):
        state = content["data"].get("state", {})
        if "msg_id" in state:
            change = self.capturing.add if state["msg_id"] else self.capturing.discard
            change(content["comm_id"])

    def _clear(self, wait):
        if self.capturing:
            return
        if wait:
            self.clear_before_next = True
        else:
            self._empty()

    def _empty(self):
        self.cell.test_outputs.clear()
        self.places.clear()

    def _make_room(self, content):
        if self.clear_before_next:
            self._empty()
            self.clear_before_next = False
        display = content.get("transient", {}).get("display_id")
        if display:
            self.places.setdefault(display, []).append(len(self.cell.test_outputs))

    def _update(self, content):
        for place in self.places.get(content["transient"]["display_id"], []):
            self.cell.test_outputs[place]["data"] = content["data"]
