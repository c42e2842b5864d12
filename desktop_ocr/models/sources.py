"""Where models are downloaded from: PaddleX's official sources, in the layouts that their own clients use.

HuggingFace, ModelScope and AI Studio hold a repository per package; Baidu's object store (BOS) an archive.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import quote, urljoin, urlsplit

import msgspec

from desktop_ocr.models.entries import PackageFormat
from desktop_ocr.models.web import Web, WebError
from desktop_ocr.schema.settings import ModelHost

_MOST_FILES = 1000
_MOST_PAGES = 20
_NEXT = re.compile(r'<([^>]+)>\s*;[^,]*rel="?next"?')
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SHA1 = re.compile(r"[0-9a-f]{40}")


class RemoteFile(msgspec.Struct, frozen=True):
    """A file of a package at its host.

    Attributes:
        name: path in the package.
        url: where it is.
        size: in bytes, or None where only its answer will say.
        sha256: of its bytes, hexadecimal; "" where the host does not say.
        git_sha1: of its bytes as git's blob, for files that the host keeps in git itself; or "".
        archive: it is a tar that holds the package.
    """

    name: str
    url: str
    size: int | None = None
    sha256: str = ""
    git_sha1: str = ""
    archive: bool = False


class Source(Protocol):
    """A model host."""

    base: str
    """Its address."""

    def files(self, web: Web, package: str) -> list[RemoteFile]:
        """The files of a package.

        Raises:
            WebError: it has none of the name (404), or did not answer.
        """


def source_for(host: ModelHost, mirror: str = "") -> Source:
    """A model host, or a mirror that looks like it."""
    kinds: Mapping[ModelHost, Callable[[str], Source]] = {
        ModelHost.HUGGINGFACE: _HuggingFace,
        ModelHost.MODELSCOPE: _ModelScope,
        ModelHost.AISTUDIO: _AiStudio,
        ModelHost.BOS: _Archives,
    }
    return kinds[host](mirror)


def host_name(source: Source) -> str:
    """For the user: "huggingface.co", or the mirror's name."""
    parts = urlsplit(source.base)
    return parts.netloc or source.base


def package_name(model: str, kind: PackageFormat) -> str:
    """Under which name hosts have a model in a format."""
    return model if kind is PackageFormat.PADDLE else f"{model}_{kind.value}"


class _Repositories:
    address = ""

    def __init__(self, mirror: str = "") -> None:
        self.base = (mirror or self.address).rstrip("/")


class _HuggingFace(_Repositories):
    """As huggingface_hub's `list_repo_tree` and `HUGGINGFACE_CO_URL_TEMPLATE`."""

    address = "https://huggingface.co"

    def files(self, web: Web, package: str) -> list[RemoteFile]:
        repository = f"PaddlePaddle/{quote(package)}"
        found = []
        for item in self._items(web, f"{self.base}/api/models/{repository}/tree/main?recursive=true&expand=false"):
            name, size = _text(item, "path"), _size(item)
            lfs = item.get("lfs")
            sha256 = _hash(lfs.get("oid"), _SHA256) if isinstance(lfs, Mapping) else ""
            if item.get("type") == "file" and name:
                found.append(
                    RemoteFile(
                        name,
                        f"{self.base}/{repository}/resolve/main/{quote(name)}",
                        size,
                        sha256,
                        # The id of a large file is its pointer's, not its own.
                        git_sha1="" if lfs else _hash(item.get("oid"), _SHA1),
                    )
                )
        return found

    def _items(self, web: Web, url: str) -> Iterator[Mapping[str, Any]]:
        here = urlsplit(self.base)
        for _ in range(_MOST_PAGES):
            with web.get(url) as answer:
                link = answer.headers.get("Link", "")
                yield from _list(web.parsed(answer))
            following = _NEXT.search(link)
            if following is None:
                return
            url = urljoin(url, following[1])
            if (urlsplit(url).scheme, urlsplit(url).netloc) != (here.scheme, here.netloc):
                return


class _ModelScope(_Repositories):
    """As modelscope_hub's `list_repo_files` and `get_download_url`."""

    address = "https://modelscope.cn"

    def files(self, web: Web, package: str) -> list[RemoteFile]:
        repository = f"{self.base}/api/v1/models/PaddlePaddle/{quote(package)}/repo"
        answer = web.json(f"{repository}/files?Revision=master&Recursive=True")
        data = answer.get("Data") if isinstance(answer, Mapping) else None
        found = []
        for item in _list(data.get("Files") if isinstance(data, Mapping) else data):
            name = _text(item, "Path")
            if item.get("Type") != "tree" and name:
                url = f"{repository}?Revision=master&FilePath={quote(name, safe='')}"
                found.append(RemoteFile(name, url, _size(item, "Size"), _hash(item.get("Sha256"), _SHA256)))
        return found


class _AiStudio(_Repositories):
    """As aistudio_sdk's `get_model_files` and `snapshot_download`. Its list has the sizes of pointers to large files,
    so each file is asked for by itself."""

    address = "https://git.aistudio.baidu.com"

    def files(self, web: Web, package: str) -> list[RemoteFile]:
        repository = f"{self.base}/api/v1/repos/PaddleX/{quote(package)}"
        answer = web.json(f"{repository}/git/trees/master?recursive=true&page=1&per_page={_MOST_FILES}")
        found = []
        for item in _list(answer.get("tree") if isinstance(answer, Mapping) else None):
            name = _text(item, "path")
            if item.get("type") != "tree" and name and not name.startswith("."):
                about = web.json(f"{repository}/contents/{quote(name, safe='')}")
                if not isinstance(about, Mapping):
                    raise WebError("the answer is not what was expected")
                sha256 = _hash(about.get("Sha256") or about.get("lfs_oid"), _SHA256)
                url = f"{repository}/media/{quote(name, safe='')}"
                found.append(RemoteFile(name, url, _size(about), sha256))
        return found


class _Archives:
    """As paddlex' `_BosModelHoster`: a tar per package."""

    address = "https://paddle-model-ecology.bj.bcebos.com"
    folder = "paddlex/official_inference_model/paddle3.0.0"

    def __init__(self, mirror: str = "") -> None:
        self.base = (mirror or self.address).rstrip("/")

    def files(self, web: Web, package: str) -> list[RemoteFile]:
        del web  # what there is to know comes with the archive
        name = f"{package}_infer.tar"
        return [RemoteFile(name, f"{self.base}/{self.folder}/{quote(name)}", archive=True)]


def md5_of(headers: Mapping[str, str]) -> str:
    """The MD5 that an answer names of its whole body, hexadecimal, or ""."""
    try:
        return base64.b64decode(headers.get("Content-MD5", ""), validate=True).hex()
    except (binascii.Error, ValueError):
        return ""


def _list(value: Any) -> Iterator[Mapping[str, Any]]:
    if not isinstance(value, list) or len(value) > _MOST_FILES:
        raise WebError("the answer is not what was expected")
    return (item for item in value if isinstance(item, Mapping))


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    return value if isinstance(value, str) else ""


def _size(item: Mapping[str, Any], key: str = "size") -> int | None:
    value = item.get(key)
    return value if isinstance(value, int) and value >= 0 else None


def _hash(value: Any, pattern: re.Pattern[str]) -> str:
    text = value.lower() if isinstance(value, str) else ""
    return text if pattern.fullmatch(text) else ""
