"""Files that a training goes on from after it was stopped."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import torch

from precursor_lib.errors import InputError
from precursor_lib.forecast.models import Forecaster
from precursor_lib.forecast.windows import Split
from precursor_lib.simulate.settings import Settings

_VERSION = 1


def fingerprint(model: Forecaster, split: Split, settings: Settings) -> str:
    """What makes two trainings the same: model, first weights, windows and training settings."""
    digest = hashlib.sha256()
    described = [model.name, model.settings.model_dump(), settings.model_dump(), split.bounds]
    digest.update(json.dumps(described, sort_keys=True, default=list).encode())
    for name, value in model.state_dict().items():
        digest.update(name.encode())
        digest.update(value.detach().cpu().contiguous().numpy().tobytes())
    digest.update(split.training.series.tobytes())
    for part in (split.training, split.validation):
        digest.update(part.starts.tobytes())
    return digest.hexdigest()


def save_checkpoint(path: Path, key: str, state: dict[str, Any]) -> None:
    """Write a state beside its place and move it there: a reader finds the old or the new one.

    Parameters
    ----------
    path : Path
        File; its folder is made.
    key : str
        From :func:`fingerprint`.
    state : dict
        Tensors, numbers, strings, and lists and dicts of them.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            torch.save({"version": _VERSION, "key": key, "state": state}, file)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def load_checkpoint(path: Path, key: str) -> dict[str, Any] | None:
    """State of a stopped training; None where there is no file.

    Raises
    ------
    InputError
        If the file is no checkpoint, or is that of another training.
    """
    if not path.exists():
        return None
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
        version, written, state = found["version"], found["key"], found["state"]
    except Exception as error:  # a damaged file can fail at any place of torch's reader
        raise InputError(f"{path.name}: expected a checkpoint of a training ({error})") from error
    if version != _VERSION or written != key:
        raise InputError(
            f"{path.name}: is the checkpoint of another training; expected the same model, first "
            "weights, windows and settings, or a new file name"
        )
    return state
