"""A small stand-in for the Hugging Face hub, on this machine only, so that tests see a real download.

It answers what a client asks the real hub when it fetches a model:

- ``HEAD/GET /{name}/resolve/{revision}/{file}``: a file of a branch, a tag or a commit. Small files come
  at once; big ones (``.safetensors``, ``.bin``) are a redirect to a second server, as on the hub.
- ``GET /api/models/{name}/tree/{revision}``: the list of files.
- errors with the hub's ``X-Error-Code``, a redirect for a renamed model, ``Range`` requests.

``hub.log`` keeps every request, for the tests to look at.
"""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

BIG = (".safetensors", ".bin")


class Request(NamedTuple):
    method: str
    file: str  # the file's name, or the whole path for a question to the API
    revision: str
    status: int
    first_byte: int  # greater than 0: the client goes on with a download


class Hub:
    """Models in memory, and two servers on 127.0.0.1 that hand them out: the hub and its store of big files."""

    def __init__(self):
        self.log = []
        self.commits = {}  # (name, commit) -> {file: bytes}
        self.branches = {}  # name -> {branch or tag: commit}
        self.renamed = {}  # old name -> new name
        self.gated = set()  # names that only those who log in may read
        self.cuts = {}  # file -> after how many bytes to cut the connection, one entry for each coming GET
        self.drips = None  # "headers" or "body": the hub, or its store, sends that in one byte each 0.1 seconds
        self.trouble = None  # a status with which to answer everything: 401 a bad token, 200 some web page
        self.store_trouble = None  # the same for the store of big files
        self._ports, self._servers = [0, 0], []
        self.start_again()

    def start_again(self):
        """Open the doors, after a stop at the same ports; nothing happens when they are open."""
        if self._servers:
            return
        for answer, port in zip((self._answer, self._answer_from_store), self._ports, strict=True):
            server = ThreadingHTTPServer(("127.0.0.1", port), _handler(answer))
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
            self._servers.append(server)
        self._ports = [server.server_address[1] for server in self._servers]
        self.endpoint, self._store = (f"http://127.0.0.1:{port}" for port in self._ports)

    def stop(self):
        """Close the doors: who connects is refused, as without a network."""
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self._servers = []

    def publish(self, name, files, branch="main"):
        """Add a commit with these files (name -> bytes) to a branch; return the commit's id."""
        content = repr(sorted((file, _digest(data)) for file, data in files.items()))
        commit = hashlib.sha1(f"{name} {content}".encode()).hexdigest()
        self.commits[name, commit] = dict(files)
        self.branches.setdefault(name, {})[branch] = commit
        return commit

    def tag(self, name, tag, commit):
        self.branches[name][tag] = commit

    def asked(self, method):
        """The files that were asked for with this method, in order."""
        return [request.file for request in self.log if request.method == method]

    def _answer(self, request):
        """The hub itself: small files, the way to the big ones, and the API."""
        path = urlsplit(request.path).path.strip("/")
        name, revision, file = _split(path)
        if name in self.renamed:
            return request.reply(307, {"Location": request.path.replace(name, self.renamed[name], 1)}, note=path)
        note = (file or path, revision)
        if self.trouble == 200:
            return request.reply(200, {"Content-Type": "text/html"}, b"<h1>Please log in</h1>", note)
        if self.trouble:
            reason = {"X-Error-Message": "Invalid credentials in Authorization header"} if self.trouble == 401 else {}
            return request.reply(self.trouble, reason, note=note)
        if name in self.gated:
            return request.reply(401, {"X-Error-Code": "GatedRepo"}, note=note)
        if name not in self.branches:
            # What the hub says to those who are not logged in: it does not tell missing from private.
            return request.reply(401, {"X-Error-Code": "RepoNotFound"}, note=note)
        commit = self.branches[name].get(revision, revision)
        if (name, commit) not in self.commits:
            return request.reply(404, {"X-Error-Code": "RevisionNotFound"}, note=note)
        files = self.commits[name, commit]
        if file is None:
            listing = [{"type": "file", "path": f, "size": len(d), "oid": _digest(d)} for f, d in files.items()]
            return request.reply(200, {"Content-Type": "application/json"}, json.dumps(listing).encode(), note)
        headers = {"X-Repo-Commit": commit}
        if file not in files:
            return request.reply(404, headers | {"X-Error-Code": "EntryNotFound"}, note=note)
        data = files[file]
        if file.endswith(BIG):
            headers |= {"X-Linked-Etag": f'"{_digest(data)}"', "X-Linked-Size": str(len(data))}
            return request.reply(302, headers | {"Location": f"{self._store}/{name}/{commit}/{file}"}, note=note)
        self._send(request, headers | {"ETag": f'"{_digest(data)}"'}, data, note)

    def _answer_from_store(self, request):
        """The second server: the bytes of a big file."""
        name, commit, file = request.path.strip("/").rsplit("/", 2)
        if self.store_trouble:
            return request.reply(self.store_trouble, note=(file, commit))
        self._send(request, {}, self.commits[name, commit][file], note=(file, commit))

    def _send(self, request, headers, data, note):
        """Answer with a file, or with its end when the client has the beginning already; cut it when told so."""
        first = int(request.headers.get("Range", "bytes=0-").removeprefix("bytes=").split("-")[0])
        if first:
            headers |= {"Content-Range": f"bytes {first}-{len(data) - 1}/{len(data)}"}
        cuts = self.cuts.get(note[0]) if request.command == "GET" else None
        request.reply(206 if first else 200, headers, data[first:], note, first, cuts.pop(0) if cuts else None)

    def _note(self, request, status, note, first_byte):
        file, revision = note if isinstance(note, tuple) else (note, "")
        self.log.append(Request(request.command, file, revision, status, first_byte))


def _handler(answer):
    """The class that http.server makes one object of for each request."""
    hub = answer.__self__

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            answer(self)

        do_HEAD = do_GET

        def reply(self, status, headers=(), body=b"", note="", first_byte=0, cut=None):
            hub._note(self, status, note, first_byte)
            if hub.drips == "headers":
                return self.drip(b"HTTP/1.1 200 OK\r\nX: " + bytes(100_000))
            self.send_response(status)
            for key, value in {**dict(headers), "Content-Length": str(len(body))}.items():
                self.send_header(key, value)
            self.end_headers()
            if hub.drips == "body" and self.command == "GET":
                self.drip(body)
            elif self.command == "GET":
                self.wfile.write(body[:cut])  # fewer bytes than were promised, then the connection closes

        def drip(self, data):
            for byte in data:
                try:
                    self.wfile.write(bytes([byte]))
                except OSError:  # nobody listens any more
                    return
                threading.Event().wait(0.1)

        def log_message(self, *_):
            """Nothing on the screen; the log is in ``hub.log``."""

    return Handler


def _split(path):
    """(name, revision, file) of a path; the file is None for a question to the API."""
    if path.startswith("api/models/"):
        name, _, revision = path.removeprefix("api/models/").partition("/tree/")
        return name, unquote(revision) or "main", None
    name, _, rest = path.partition("/resolve/")
    revision, _, file = rest.partition("/")
    return name, unquote(revision), unquote(file)


def _digest(data):
    return hashlib.sha256(data).hexdigest()
