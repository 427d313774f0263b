"""Output options of commands: the files, what is printed, and how."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from gradviz.cli.console import Stages
from gradviz.process import use_program_cache

Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Print no messages but errors.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Print the stages with their times.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite a file that gradviz did not write.")]
RunFiles = Annotated[
    bool, typer.Option("--run-files", help="Allow functions of Python files, which are run.")
]
_Output = typer.Option(
    "-o", "--output", metavar="PATH", help="Output file ('-' for stdout).", show_default=False
)
_Data = typer.Option("--data", metavar="PATH", help="Also write the samples: csv, npz or json.")
_NoCache = typer.Option("--no-cache", help="Bypass the disk cache of compiled expressions.")


@dataclass(frozen=True)
class Output:
    """The files that a command writes, and the texts that it prints beside the result."""

    output: Annotated[str | None, _Output] = None
    data: Annotated[Path | None, _Data] = None
    show: Annotated[bool, typer.Option("--show", help="Also show the picture in the terminal.")] = False
    open: Annotated[bool, typer.Option("--open", help="Open the file in the system's viewer.")] = False
    json: AsJson = False
    describe: Annotated[bool, typer.Option("--describe", help="Also print a description for alt text.")] = (
        False
    )
    force: Force = False
    quiet: Quiet = False
    verbose: Verbose = False
    no_cache: Annotated[bool, _NoCache] = False

    @property
    def to_stdout(self) -> bool:
        """Whether the picture goes to standard output."""
        return self.output == "-"

    @property
    def path(self) -> Path:
        """The file of the picture, which the command has chosen by `to`."""
        return Path(self.output or "")

    def to(self, default: str) -> Output:
        """Return the same output, into the default file if none is given."""
        return self if self.output is not None else replace(self, output=default)

    def start(self) -> Stages:
        """Apply the options that hold for the process, and return the clock of the command's stages."""
        if self.no_cache:
            use_program_cache(on=False)
        return Stages(verbose=self.verbose, quiet=self.quiet)
