"""What an entry of the manifest holds. Unknown keys are refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator
from pydantic import model_validator as validate_model

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
Label = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]


class Entry(BaseModel):
    """Base of all entries: immutable, and no key that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class File(Entry):
    """One file of a dataset.

    ``path`` is relative to a data folder laid out like the mirror, or, where ``package`` names an
    installed Python package, relative to that package's folder.
    """

    path: Text
    url: Text | None = None
    package: Text | None = None
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    bytes: Annotated[int, Field(ge=0)] | None = None

    @field_validator("path")
    @classmethod
    def _inside(cls, path: str) -> str:
        parts = PurePosixPath(path)
        if parts.is_absolute() or ".." in parts.parts or "\\" in path:
            raise ValueError("expected a relative path with '/' that stays inside its folder")
        return path

    @field_validator("url")
    @classmethod
    def _web(cls, url: str | None) -> str | None:
        if url is not None:
            address = urlsplit(url)
            if address.scheme not in {"http", "https"} or not address.hostname:
                raise ValueError("expected an http or https address")
            if not url.isascii() or " " in url:
                raise ValueError("expected a percent-encoded address")
        return url

    @property
    def label(self) -> str:
        """How messages name the file."""
        return f"{self.package}:{self.path}" if self.package else self.path


class Loader(Entry):
    """The reader of a dataset, see `precursor_lib.manifest.registry.LOADERS`."""

    name: Text
    arguments: dict[str, Any] = {}


class Simulator(Entry):
    """What stands in for a dataset, see `precursor_lib.manifest.registry.SIMULATORS`."""

    name: Text
    arguments: dict[str, Any] = {}
    seed: Annotated[int, Field(ge=0)]


class Variable(Entry):
    """A variable or column: its units (``"1"`` where it has none) and what it is."""

    units: Text
    description: Text


class Box(Entry):
    """Where the data lie, degrees; ``west`` may exceed ``east`` across the date line."""

    west: Annotated[float, Field(ge=-180, le=180)]
    east: Annotated[float, Field(ge=-180, le=180)]
    south: Annotated[float, Field(ge=-90, le=90)]
    north: Annotated[float, Field(ge=-90, le=90)]

    @validate_model(mode="after")
    def _upright(self) -> Self:
        if self.south > self.north:
            raise ValueError(f"south {self.south} lies north of north {self.north}")
        return self


class Coverage(Entry):
    """What a dataset covers: times (UTC, without a zone), place and sampling interval."""

    start: datetime
    end: datetime
    box: Box | None = None
    cadence: Annotated[str, StringConstraints(pattern=r"^([1-9]\d* (s|min|h|d)|irregular)$")]

    @field_validator("start", "end")
    @classmethod
    def _utc(cls, moment: datetime) -> datetime:
        return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)

    @validate_model(mode="after")
    def _forward(self) -> Self:
        if self.start > self.end:
            raise ValueError(f"start {self.start} is after end {self.end}")
        return self


class Dataset(Entry):
    """A dataset: what it is, whose it is, where its files are and what opens or simulates it."""

    title: Text
    access: Literal["open", "registration", "restricted", "simulated"]
    licence: Text
    providers: Annotated[list[Text], Field(min_length=1)]
    citations: list[Text] = []
    files: list[File] = []
    loader: Loader | None = None
    simulator: Simulator | None = None
    variables: Annotated[dict[str, Variable], Field(min_length=1)]
    coverage: Coverage
    obtain: Text

    @field_validator("licence")
    @classmethod
    def _spdx(cls, licence: str) -> str:
        try:
            known = canonicalize_license_expression(licence)
        except InvalidLicenseExpression as error:
            raise ValueError(
                f"'{licence}' is neither an SPDX expression nor LicenseRef-...: {error}"
            ) from error
        if known != licence:
            raise ValueError(f"expected '{known}', got '{licence}'")
        return licence


class Notebook(Entry):
    """A notebook: its source, what it opens, its parameters a profile and what it shows."""

    source: Text
    title: Text
    section: Literal["methods", "cases", "evidence"]
    datasets: list[Identifier] = []
    profiles: dict[Literal["ci", "paper"], dict[str, Any]]
    figures: list[Label] = []
    tables: list[Label] = []
    claims: list[Text] = []
    cores: Annotated[int, Field(ge=1)] = 1
    reference: Literal["bundled", "mirror"] | None = None

    @field_validator("profiles")
    @classmethod
    def _same_parameters(cls, profiles: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        missing = {"ci", "paper"} - set(profiles)
        if missing:
            raise ValueError(f"profile '{min(missing)}' is missing")
        odd = set(profiles["ci"]) ^ set(profiles["paper"])
        if odd:
            raise ValueError(f"parameters in one profile only: {', '.join(sorted(odd))}")
        return profiles
