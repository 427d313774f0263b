"""The scripts by which bash, zsh and fish ask `completion`, and their places in a user's home."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from gradviz.cli import console
from gradviz.errors import OutputError, RequestError, refused, visible
from gradviz.files import write_whole

# Bash breaks words at '=' and ':', too, and replaces its own word; behind '=' and '(' a word goes on.
_BASH = r"""_gradviz() {
    local word line=${COMP_LINE:0:COMP_POINT}
    mapfile -t COMPREPLY < <(
        COMP_LINE="$line" _GRADVIZ_WORD="$2" _GRADVIZ_COMPLETE=complete_bash "$1" 2>/dev/null
    )
    if [[ ${COMPREPLY[0]} == :files ]]; then
        COMPREPLY=("${COMPREPLY[@]:1}")
        if (( ${#COMPREPLY[@]} )); then
            compopt -o filenames
            while read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$2")
        else
            compopt -o default
        fi
    fi
    if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=\(] ]]; then
        compopt -o nospace
    fi
}
complete -F _gradviz gradviz
"""

# The end is for a script that is read, and for one in a folder of $fpath, which is the function's own body.
_ZSH = r"""#compdef gradviz
_gradviz() {
    local line files found
    local -a open closed
    line="${(j: :)words[1,CURRENT]}"
    found=$(COMP_LINE=$line _GRADVIZ_COMPLETE=complete_zsh ${~words[1]} 2>/dev/null)
    for line in "${(@f)found}"; do
        if [[ $line == :files ]]; then
            files=1
        elif [[ ${line%%$'\t'*} == *[=\(] ]]; then
            open+=("${${line//:/\\:}/$'\t'/:}")
        elif [[ -n $line ]]; then
            closed+=("${${line//:/\\:}/$'\t'/:}")
        fi
    done
    (( $#open + $#closed )) && _describe gradviz closed -- open -S ''
    [[ -n $files ]] && { compset -P '--*='; _files }
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _gradviz "$@"
else
    compdef _gradviz gradviz
fi
"""

_FISH = r"""function __gradviz_complete
    set -l words (commandline -cp)
    set -l found (env COMP_LINE="$words" _GRADVIZ_COMPLETE=complete_fish (commandline -opc)[1] 2>/dev/null)
    if test "$found[1]" = :files
        set -e found[1]
        set -l token (commandline -ct)
        set -l option (string match -r -- '^--[^=]*=' $token)
        set -a found "$option"(__fish_complete_path (string replace -r -- '^--[^=]*=' '' $token))
    end
    test -n "$found"; and printf '%s\n' $found
end
complete --command gradviz --no-files --arguments '(__gradviz_complete)'
"""

_SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


class _Place(NamedTuple):
    """The place of a completion script of a shell, and the line of its start file that loads it."""

    script: Path
    start: Path | None = None
    line: str = ""


def show(shell: str) -> None:
    """Print the script of a shell. Raises RequestError for one that has none."""
    console.result(_SCRIPTS[_known(shell, "--show-completion")].rstrip("\n"))


def install(shell: str) -> None:
    """Write the script of a shell to where it looks for it, and tell what was written."""
    shell = _known(shell, "--install-completion")
    place = _place(shell)
    try:
        place.script.parent.mkdir(parents=True, exist_ok=True)
        write_whole(place.script, _SCRIPTS[shell].encode())
        console.result_path(place.script)
        if place.start and _add(place.start, place.line):
            console.note(f"added to {place.start}: {place.line}")
    except OSError as error:
        raise OutputError(f"cannot install completion: {refused(error)}") from None
    console.note(f"{shell} completes gradviz from its next start on")


def _known(shell: str, option: str) -> str:
    name = shell or Path(os.environ.get("SHELL", "")).name
    if name not in _SCRIPTS:
        what = f"'{visible(name)}'" if name else "no shell"
        raise RequestError(f"{option}: must be one of {', '.join(_SCRIPTS)}, got {what}")
    return name


def _place(shell: str) -> _Place:
    home, environ = Path.home(), os.environ.get
    if shell == "fish":
        settings = Path(environ("XDG_CONFIG_HOME") or home / ".config")
        return _Place(settings / "fish" / "completions" / "gradviz.fish")
    if shell == "zsh":
        line = "fpath+=~/.zfunc; autoload -Uz compinit; compinit"
        return _Place(home / ".zfunc" / "_gradviz", Path(environ("ZDOTDIR") or home) / ".zshrc", line)
    script = home / ".bash_completions" / "gradviz.sh"
    return _Place(script, home / ".bashrc", f"source {console.quoted(str(script))}")


def _add(start: Path, line: str) -> bool:
    """Add a line at the end of a start file, unless it has it, and tell whether it was added."""
    content = start.read_bytes() if start.exists() else b""
    if line.encode() in content.splitlines():
        return False
    with start.open("ab") as file:
        file.write(b"\n" * (content[-1:] not in (b"", b"\n")) + line.encode() + b"\n")
    return True
