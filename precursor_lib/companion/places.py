"""Where runs, pages, logs and the built site are, below the manifest's folder."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Places:
    """Paths of one companion, all below the folder that holds `data_manifest.yml`.

    Parameters
    ----------
    root : Path
        The folder of the manifest.
    """

    root: Path

    @property
    def book(self) -> Path:
        """Hand-written pages, with the published notebooks and generated pages among them."""
        return self.root / "book"

    @property
    def published(self) -> Path:
        """Executed notebooks that the book shows."""
        return self.book / "notebooks"

    @property
    def generated(self) -> Path:
        """Pages written from the manifest and from the claims."""
        return self.book / "generated"

    @property
    def build(self) -> Path:
        """Everything that can be made again."""
        return self.root / "_build"

    @property
    def site(self) -> Path:
        """The built site."""
        return self.build / "html"

    @property
    def records(self) -> Path:
        """Folder inside the site whose one file names what the site was built from."""
        return self.site / ".built"

    @property
    def logs(self) -> Path:
        """Logs of runs that succeeded, and of the last book build."""
        return self.build / "logs"

    @property
    def failed(self) -> Path:
        """Log and half-run notebook of each notebook whose last run failed."""
        return self.build / "failed"

    @property
    def references(self) -> Path:
        """Executed notebooks without pictures, which nbval compares."""
        return self.root / "tests" / "reference"

    def page(self, section: str, source: str | Path) -> Path:
        """Page of a notebook in the book."""
        return self.published / section / f"{Path(source).stem}.ipynb"

    def stored(self, profile: str, notebook_id: str, fingerprint: str) -> Path:
        """Finished run with this fingerprint; the file exists when the run succeeded."""
        return self.runs(profile, notebook_id) / f"{fingerprint}.ipynb"

    def runs(self, profile: str, notebook_id: str) -> Path:
        """Folder of the finished runs of a notebook under a profile."""
        return self.build / "runs" / profile / notebook_id

    def variant(self, source: str | Path, label: str) -> Path:
        """Page of a run whose parameters are not a profile's."""
        return self.root / "runs" / Path(source).stem / f"{label}.ipynb"


def write_atomically(path: Path, content: bytes | str) -> None:
    """Write a file under a temporary name beside `path`, then move it there.

    A reader sees the old content or the new, never a part.

    Parameters
    ----------
    path : Path
        The file; its folder is made where it does not exist.
    content : bytes or str
        What to write; text is encoded as UTF-8.
    """
    data = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        # mkstemp makes private files; pages are as readable as any other file.
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
