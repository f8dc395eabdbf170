"""A Jupyter server that knows nothing of the user's own: JupyterLab under /lab, Notebook 7 under /notebooks."""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]
QUIET = {  # settings of JupyterLab for a page that calls nobody and asks nothing
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}


class Server:
    """Runs while the ``with`` block does. ``files`` is the folder that it shows, ``url`` its address with a "/".

    ``settings`` are those of a user of JupyterLab; ``config_path`` is one more folder where Jupyter looks for settings.
    """

    def __init__(self, folder, settings=QUIET, config_path=""):
        self.folder, self.files = folder, folder / "files"
        self._settings, self._config_path = settings, config_path
        self._token = secrets.token_hex(16)

    def __enter__(self):
        for name in ("files", "config", "data", "runtime", "ipython"):
            (self.folder / name).mkdir()
        for plugin, settings in self._settings.items():
            name, _, kind = plugin.partition(":")
            file = self.folder / "config/lab/user-settings" / name / f"{kind}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(settings))
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}/"
        options = {
            "ServerApp.ip": "127.0.0.1",
            "ServerApp.port": port,
            "ServerApp.port_retries": 0,
            "ServerApp.root_dir": self.files,
            "ServerApp.open_browser": False,
            "ServerApp.allow_root": True,
            # As jupyterapp, for what a test asks of JupyterLab itself.
            "LabApp.expose_app_in_browser": True,
            "JupyterNotebookApp.expose_app_in_browser": True,
            "IdentityProvider.token": self._token,
        }
        self._log = (self.folder / "log.txt").open("w")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *(f"--{name}={value}" for name, value in options.items())],
            env=environment(self.folder) | {"JUPYTER_CONFIG_PATH": str(self._config_path)},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception):
        self._process.terminate()  # ends the kernels, too
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    @property
    def pid(self):
        """The number of its process."""
        return self._process.pid

    def address(self, app, file):
        """Where ``app``, "lab" or "notebook", opens a file; the browser then stays signed in."""
        path = {"lab": f"lab/tree/{file}?reset&", "notebook": f"notebooks/{file}?"}[app]
        return f"{self.url}{path}token={self._token}"

    def ask(self, method, path):
        """Call the server's own interface; the answer's JSON."""
        request = urllib.request.Request(
            self.url + path, method=method, headers={"Authorization": f"token {self._token}"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or "null")

    def end_kernels(self):
        for session in self.ask("GET", "api/sessions"):
            self.ask("DELETE", f"api/sessions/{session['id']}")

    def _wait_until_it_answers(self):
        for _ in range(1800):  # a busy machine takes a minute
            if self._process.poll() is not None:
                break
            try:
                return self.ask("GET", "api/status")
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"The Jupyter server did not start:\n{(self.folder / 'log.txt').read_text()}")


def environment(folder):
    """The environment variables of the server and its kernels, and of whoever signs notebooks for it."""
    search_path = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, search_path)),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "IPYTHONDIR": str(folder / "ipython"),
        "HF_HUB_OFFLINE": "1",
        "KERAS_BACKEND": "tensorflow",
        "CUDA_VISIBLE_DEVICES": "-1",
    }


def _free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
