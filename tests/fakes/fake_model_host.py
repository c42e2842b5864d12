"""A server on this machine in the layouts of HuggingFace, ModelScope, AI Studio and Baidu's object store.

It answers as they do (recorded in their clients' code), and can be told to fail in the ways in which networks fail.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

ENGINES = ("onnxruntime", "pymupdf")
"""Installed wherever the program is."""

CONFIG = b"Global:\n  model_name: %s\nPreProcess:\n  transform_ops:\n  - NormalizeImage: {scale: 1./255.}\n"


def config_of(model: str) -> bytes:
    """An `inference.yml`."""
    return CONFIG % model.encode()


def onnx_weights(words: bytes, size: int = 300_000) -> bytes:
    """A file of so many bytes that is an ONNX model in form: a graph of nothing but a remark."""
    head = b"\x08\x08\x3a%s\x52%s"  # version of the format, the graph, its remark
    remark = size - len(head) + 4 - 8
    data = (hashlib.sha256(words).digest() * (remark // 32 + 1))[:remark]
    return head % (_length(remark + 5), _length(remark)) + data


def _length(number: int) -> bytes:
    """As protobuf writes it, in four bytes whatever it is."""
    return bytes((number >> 7 * place & 0x7F) | (0x80 if place < 3 else 0) for place in range(4))


def tensors_of(data: bytes) -> bytes:
    """A file of safetensors that holds one tensor."""
    table = json.dumps({"a": {"dtype": "U8", "shape": [len(data)], "data_offsets": [0, len(data)]}}).encode()
    return len(table).to_bytes(8, "little") + table + data


def onnx_package(model: str, size: int = 300_000) -> dict[str, bytes]:
    """The files of an ONNX package, weights that cannot be mistaken for others'."""
    weights = onnx_weights(model.encode(), size)
    return {"README.md": b"# not kept", "inference.onnx": weights, "inference.yml": config_of(model)}


def tar_of(files: Mapping[str, bytes], folder: str) -> bytes:
    """An archive as BOS has them."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(f"{folder}/{name}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return out.getvalue()


class FakeModelHost:
    """What it serves, and how badly.

    Attributes:
        packages: files by package.
        archives: bytes of a package's tar, where it is not simply made of its files.
        asked: paths and headers of all requests, in order.
        break_after: bytes of a file's body after which the connection is cut; as often as `breaks` says.
        breaks: how often.
        statuses: answered, one by one, to the next requests for files, instead of files.
        hashes: claimed for a file, by its name, instead of the true ones.
        ranges: whether parts of files are given.
        stall: files stop coming in the middle until it is set.
        stalled: set when that happens.
        redirect: files are redirected to, as to a content network.
    """

    def __init__(self) -> None:
        self.packages: dict[str, dict[str, bytes]] = {}
        self.archives: dict[str, bytes] = {}
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self.break_after = 0
        self.breaks = 0
        self.statuses: list[int] = []
        self.hashes: dict[str, str] = {}
        self.ranges = True
        self.stall: threading.Event | None = None
        self.stalled = threading.Event()
        self.redirect = True
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def files_asked(self) -> list[tuple[str, Mapping[str, str]]]:
        """Requests that ended at a file."""
        marks = ("/cdn/", "FilePath=", "/media/", "_infer.tar")
        return [(path, headers) for path, headers in self.asked if any(mark in path for mark in marks)]

    @contextmanager
    def running(self) -> Iterator[FakeModelHost]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            if self.stall is not None:
                self.stall.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def answer(self, path: str) -> tuple[int, Any]:
        """A JSON document, a file's (package, name), ("redirect", url), or None."""
        parts = urlsplit(path)
        words = [unquote(word) for word in parts.path.strip("/").split("/")]
        match words:
            case ["api", "models", "PaddlePaddle", package, "tree", "main"]:
                return self._listed(package, self._huggingface)
            case ["PaddlePaddle", package, "resolve", "main", name]:
                if self.redirect:
                    return 302, ("redirect", f"/cdn/{package}/{name}")
                return 200, (package, name)
            case ["cdn", package, name]:
                return 200, (package, name)
            case ["api", "v1", "models", "PaddlePaddle", package, "repo", "files"]:
                return self._listed(package, self._modelscope)
            case ["api", "v1", "models", "PaddlePaddle", package, "repo"]:
                return 200, (package, parse_qs(parts.query)["FilePath"][0])
            case ["api", "v1", "repos", "PaddleX", package, "git", "trees", "master"]:
                return self._listed(package, self._aistudio)
            case ["api", "v1", "repos", "PaddleX", package, "contents", name]:
                return 200, {"path": name, "size": len(self.packages[package][name]), "sha": "0" * 40}
            case ["api", "v1", "repos", "PaddleX", package, "media", name]:
                return 200, (package, name)
            case ["paddlex", "official_inference_model", "paddle3.0.0", archive]:
                return 200, (archive.removesuffix("_infer.tar"), "")
        return 404, None

    def _listed(self, package: str, layout: Any) -> tuple[int, Any]:
        return (200, layout(self.packages[package])) if package in self.packages else (404, {"error": "not found"})

    def _huggingface(self, files: Mapping[str, bytes]) -> Any:
        items: list[dict[str, Any]] = [{"type": "directory", "oid": "0" * 40, "size": 0, "path": "imgs"}]
        for name, data in files.items():
            git = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
            item: dict[str, Any] = {"type": "file", "oid": git, "size": len(data), "path": name}
            if name.endswith((".onnx", ".pdiparams", ".safetensors")):
                item["oid"] = "1" * 40
                item["lfs"] = {"oid": self._sha256(name, data), "size": len(data), "pointerSize": 134}
            elif name in self.hashes:
                item["oid"] = self.hashes[name][:40]
            items.append(item)
        return items

    def _modelscope(self, files: Mapping[str, bytes]) -> Any:
        listed = [
            {"Path": name, "Name": name, "Type": "blob", "Size": len(data), "Sha256": self._sha256(name, data)}
            for name, data in files.items()
        ]
        return {"Code": 200, "Data": {"Files": [{"Path": "imgs", "Type": "tree"}, *listed]}, "Success": True}

    def _aistudio(self, files: Mapping[str, bytes]) -> Any:
        tree = [{"path": name, "type": "blob", "size": 134, "sha": "2" * 40} for name in (".gitattributes", *files)]
        return {"sha": "3" * 40, "url": f"{self.address}/trees/master", "tree": tree, "truncated": False}

    def _sha256(self, name: str, data: bytes) -> str:
        return self.hashes.get(name, hashlib.sha256(data).hexdigest())

    def file(self, package: str, name: str) -> bytes | None:
        if not name:
            if package in self.archives:
                return self.archives[package]
            files = self.packages.get(package)
            return tar_of(files, f"{package}_infer") if files else None
        return self.packages.get(package, {}).get(name)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                host.asked.append((self.path, dict(self.headers.items())))
                # Who is asked as a proxy gets the whole address.
                path = (
                    self.path
                    if self.path.startswith("/")
                    else urlsplit(self.path)._replace(scheme="", netloc="").geturl()
                )
                status, what = host.answer(path)
                if isinstance(what, tuple) and what[0] == "redirect":
                    self.send_response(302)
                    self.send_header("Location", what[1])
                    self._end(b"")
                elif isinstance(what, tuple):
                    self._file(host.file(*what))
                else:
                    self.send_response(status)
                    self._end(json.dumps(what).encode())

            def _file(self, data: bytes | None) -> None:
                if host.statuses:
                    self.send_response(host.statuses.pop(0))
                    self._end(b"")
                    return
                if data is None:
                    self.send_response(404)
                    self._end(b"")
                    return
                etag = '"' + hashlib.md5(data, usedforsecurity=False).hexdigest() + '"'
                start = 0
                wanted = self.headers.get("Range", "")
                if wanted and host.ranges and self.headers.get("If-Range", etag) == etag:
                    start = int(wanted.removeprefix("bytes=").split("-")[0])
                    if start >= len(data):
                        self.send_response(416)
                        self._end(b"")
                        return
                    self.send_response(206)
                    self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
                else:
                    self.send_response(200)
                    md5 = hashlib.md5(data, usedforsecurity=False).digest()
                    self.send_header("Content-MD5", base64.b64encode(md5).decode())
                self.send_header("ETag", etag)
                self._end(data[start:], body=True)

            def _end(self, data: bytes, *, body: bool = False) -> None:
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if body and host.breaks > 0 and len(data) > host.break_after:
                    host.breaks -= 1
                    self.wfile.write(data[: host.break_after])
                    self.wfile.flush()
                    self.close_connection = True
                    return
                if body and host.stall is not None and len(data) > 1000:
                    self.wfile.write(data[: len(data) // 2])
                    self.wfile.flush()
                    host.stalled.set()
                    host.stall.wait(30)
                    self.close_connection = True
                    return
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler
