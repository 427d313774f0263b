"""What the shell completes."""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
import sys
import time

import pytest
from matplotlib import colormaps
from typer.main import get_command

from gradviz.cli import _app, _app_for, completion
from gradviz.language.tables import ALIASES, FUNCTIONS
from gradviz.optimizers import OPTIMIZERS
from gradviz.presets import builtin_sets, load_presets
from gradviz.registry import Method
from gradviz.specs import KINDS
from gradviz.specs.colours import COLOUR_MAPS
from gradviz.specs.spec import StyleName

# Options whose values a shell cannot know: numbers, names and texts of the user's own.
FREE = {
    "vars", "set", "fix", "range", "samples", "xlim", "ylim", "zlim", "title", "xlabel", "ylabel", "zlabel",
    "xticks", "yticks", "zticks", "size", "dpi", "step", "color", "levels", "elev", "azim", "start", "steps",
    "fps", "anatomy", "secant", "tangent_at", "at", "tolerance", "jobs", "timeout", "scheduler",
    "density", "through", "sweep", "certify_limit", "linewidth", "font_size", "along", "gradient_at", "point",
    "constraint",
}  # fmt: skip


def found(line):
    """Return what may stand at the end of a line, without meanings, and whether files may."""
    words, files = completion.candidates(_app_for, *completion.read_line(line)[:2])
    return [word for word, _ in words], files


def commands():
    return get_command(_app()).commands.items()


# What may stand where -------------------------------------------------------------------------------------


def test_a_first_word_is_a_command():
    """All commands are offered, or those that begin as typed."""
    assert found("gradviz ") == ([name for name, _ in commands()], False)
    assert found("gradviz des") == (["descent"], False)
    assert found("gradviz nosuch ") == ([], False)


@pytest.mark.parametrize(("name", "command"), commands())
def test_every_option_of_a_command_is_offered(name, command):
    """The options are those of the help, in every spelling that is long."""
    offered, files = found(f"gradviz {name} --")
    long = [s for p in command.params for s in (*p.opts, *p.secondary_opts) if s.startswith("--")]
    assert (offered, files) == ([*long, "--help"], False)
    assert found(f"gradviz {name} -") == (offered, False)


@pytest.mark.parametrize(("name", "command"), commands())
def test_every_value_is_completed_or_known_to_be_free(name, command):
    """An option or argument of a new command offers words or files, or stands among FREE in this file."""
    for param in command.params:
        if getattr(param, "is_flag", False) or param.name in FREE:
            continue
        words, files = completion._values(param, "a" if param.name in completion._OWN else "", _app_for)
        kinds = param.name in completion._OWN or bool(words) or files
        assert kinds, (
            f"{name}: complete {param.opts[0]} in cli/completion.py, or add {param.name!r} to FREE here"
        )


def test_an_option_that_is_given_is_not_offered_again():
    """Except for those that may be repeated."""
    offered, _ = found("gradviz quiver x --dpi 100 --range=-1:1 -n 5 --grid --")
    assert {"--dpi", "--samples", "--grid", "--no-grid"}.isdisjoint(offered)
    assert {"--range", "--cmap", "--critical"} <= set(offered)


def test_short_options_and_what_begins_alike():
    """A short option is whole; a long one is completed from its beginning."""
    assert found("gradviz quiver -r") == (["-r"], False)
    assert found("gradviz quiver --xl") == (["--xlim", "--xlabel"], False)


def test_behind_all_arguments_there_are_options():
    """Where no argument can follow, options are offered, but not behind '--'."""
    assert found("gradviz quiver x*y ")[0] == found("gradviz quiver --")[0]
    assert found("gradviz quiver -- -x ") == ([], False)
    assert found("gradviz quiver -- -si") == (
        ["-sin(", "-sinh(", "-sign(", "-sigmoid(", "-silu(", "-sinc("],
        False,
    )
    assert found("gradviz presets book ")[0] == ["--schema", "--json", "--help"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("quiver x --style ", StyleName.__args__),
        ("quiver x --arrows e", ["equal"]),
        ("grad x --method ", Method.__args__),
        ("check x --method c", ["central", "complex"]),
        ("surface x --plot ", KINDS["surface"].model_fields["plot"].annotation.__args__),
        ("batch book --format s", ["svg"]),
    ],
)
def test_choices_are_offered(line, words):
    """An option with a few values offers these, joined by '=' or not."""
    assert found(f"gradviz {line}") == (list(words), False)
    joined = re.sub(r" (\S*)$", r"=\1", line)
    option = joined.rpartition(" ")[2].partition("=")[0]
    assert found(f"gradviz {joined}") == ([f"{option}={word}" for word in words], False)


def test_a_switch_has_no_value():
    """Nothing is offered behind the '=' of a switch, or of what is no option."""
    assert found("gradviz quiver --ascent=") == found("gradviz quiver --nosuch=") == ([], False)


def test_colour_maps_are_matplotlibs():
    """All are known without Matplotlib; later versions may have more than an early one."""
    known = {name for name in colormaps if not name.endswith("_r")}
    assert known <= set(COLOUR_MAPS), "add them to specs/colours.py"
    assert set(COLOUR_MAPS) - known <= {"berlin", "managua", "vanimo", "okabe_ito"}
    assert len(set(COLOUR_MAPS)) == len(COLOUR_MAPS)


def test_colour_maps_are_offered_and_reversed_when_whole():
    """`mag` is magma alone, `magma` that and the other way round."""
    assert found("gradviz contour x --cmap ")[0] == list(COLOUR_MAPS)
    assert found("gradviz contour x --cmap mag")[0] == ["magma"]
    assert found("gradviz contour x --cmap magma")[0] == ["magma", "magma_r"]


def test_optimizers_are_offered_with_their_keys():
    """Behind a name and a comma stand the hyperparameters that are not given yet."""
    assert found("gradviz descent x --optimizer ")[0] == list(OPTIMIZERS)
    assert found("gradviz descent x --optimizer ad")[0] == ["adagrad", "adadelta", "adam", "adamw"]
    for name, one in OPTIMIZERS.items():
        keys = [f"{name},{key}=" for key in one.hyperparameters()]
        assert found(f"gradviz descent x --optimizer {name},")[0] == keys
    assert found("gradviz descent x --optimizer adam,b1=0.5,b")[0] == ["adam,b1=0.5,b2="]
    assert found("gradviz descent x --optimizer nosuch,") == ([], False)


@pytest.mark.parametrize("name", [*FUNCTIONS, "where", "Piecewise"])
def test_every_function_of_the_language_is_completed(name):
    """From all but its last letter, wherever an expression stands."""
    for start in ("quiver ", "grad 2*x0+", "contour x --where 1<", "check x --claim "):
        begun = start.rpartition(" ")[2]
        assert f"{begun}{name}(" in found(f"gradviz {start}{name[:-1] if len(name) > 1 else name}")[0]


def test_expressions_are_completed_at_their_last_name():
    """In quotes, behind digits and signs; other spellings where there is no first one; variables are not."""
    assert found('gradviz quiver "x0 + 2softp') == (["x0 + 2softplus("], False)
    others = [f"sin(x0)*{alias}(" for alias in ALIASES if alias.startswith("arct")]
    assert found("gradviz quiver 'sin(x0)*arct") == (others, False)
    assert found("gradviz quiver 3*ta") == (["3*tan(", "3*tanh(", "3*tau"], False)
    assert found("gradviz quiver 'x +\nsi")[0] == found("gradviz quiver 'x \\ si")[0] == []
    assert found("gradviz quiver x0*sin(x0)") == found("gradviz quiver x0") == ([], True)


def test_built_in_functions_are_completed_where_an_expression_is_due():
    """By their names, and not inside of an expression, a condition or a claim."""
    for command in ("contour", "grad", "descent", "check"):
        assert found(f"gradviz {command} rosen")[0] == ["rosenbrock"]
    assert "six-hump-camel" in found("gradviz surface six-h")[0]
    assert found("gradviz contour 2*rosen")[0] == found("gradviz contour x --where rosen")[0] == []


def test_functions_of_a_file_are_completed_without_running_it(here):
    """Names are read from the file; what cannot be read has none; in a folder, files are meant."""
    (here / "own.py").write_text("raise SystemExit\ndef f(x): ...\ndef g(x): ...\nclass C: ...\n")
    (here / "bad.py").write_text("def (")
    (here / "out").mkdir()
    assert found("gradviz quiver own.py:") == (["own.py:f", "own.py:g"], False)
    assert found("gradviz quiver own.py:g")[0] == ["own.py:g"]
    assert found("gradviz quiver bad.py:")[0] == found("gradviz quiver no.py:s")[0] == []
    assert found("gradviz quiver out/si") == ([], True)


def test_presets_are_offered():
    """`batch` takes sets, `presets` sets and their figures, `redraw --with` fields and their values."""
    sets = list(builtin_sets())
    assert found("gradviz batch ") == found("gradviz batch book ") == (sets, True)
    figures = {name for key in sets for name in load_presets([key])}
    assert set(found("gradviz presets ")[0]) == {*sets, *figures}
    fields = {name for kind in KINDS.values() for name in kind.model_fields} - {"kind", "expression"}
    spelled = {word[:-1].replace("-", "_") for word in found("gradviz redraw a.png --with ")[0]}
    assert spelled == fields - {"optimizers"} | {"optimizer"}
    assert found("gradviz redraw a.png --with cmap=mag")[0] == ["cmap=magma"]
    assert found("gradviz redraw a.png --with style=b")[0] == ["style=book"]
    assert (
        found("gradviz redraw a.png --with no=") == found("gradviz redraw a.png --with dpi=") == ([], False)
    )


@pytest.mark.parametrize(
    "line",
    ["quiver x -o ", "quiver x --data=", "redraw ", "inspect ", "batch book --out-dir ", "grad x --points "],
)
def test_files_stand_where_files_go(line):
    """A path is the shell's business."""
    assert found(f"gradviz {line}")[1]


@pytest.mark.parametrize("line", ["quiver x --dpi ", "quiver x -r ", "quiver x --style ", "quiver --ti"])
def test_files_stand_nowhere_else(line):
    """A number is no file, and an option is none."""
    assert not found(f"gradviz {line}")[1]


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("gradviz ", (["gradviz"], "", "")),
        ("gradviz qui", (["gradviz"], "qui", "")),
        ('gradviz quiver "x0 + ', (["gradviz", "quiver"], "x0 + ", '"')),
        ("gradviz quiver 'x0 si", (["gradviz", "quiver"], "x0 si", "'")),
        ('gradviz quiver "x" ', (["gradviz", "quiver", "x"], "", "")),
        ("gradviz quiver a\\ b", (["gradviz", "quiver"], "a b", "")),
        ("gradviz quiver # x", (["gradviz", "quiver", "#"], "x", "")),
        ("", ([], "", "")),
    ],
)
def test_lines_are_read_as_a_shell_reads_them(line, parts):
    """Quotes and backslashes are taken off, also those of a word that is not finished."""
    assert completion.read_line(line) == parts


# The protocol ---------------------------------------------------------------------------------------------


@pytest.fixture
def ask(run, monkeypatch):
    """Return what is printed for a shell about a line."""

    def call(shell, line, word=None):
        monkeypatch.setenv("_GRADVIZ_COMPLETE", f"complete_{shell}")
        monkeypatch.setenv("COMP_LINE", line)
        if word is not None:
            monkeypatch.setenv("_GRADVIZ_WORD", word)
        answer = run()
        assert (answer.code, answer.err) == (0, "")
        return answer.lines

    return call


def test_zsh_and_fish_are_told_meanings(ask):
    """Behind a tab, on one line; a name alone has none."""
    told = KINDS["quiver"].model_fields["ascent"].description
    assert ask("zsh", "gradviz quiver --as") == [f"--ascent\t{told}"]
    assert ask("fish", "gradviz descent x --optimizer sgd,") == ["sgd,learning_rate=\tby default 0.01"]
    assert ask("fish", "gradviz quiver x -o ") == [":files"]
    assert ask("zsh", "gradviz quiver x --dpi ") == []


def test_bash_is_told_what_follows_its_own_word(ask):
    """It breaks words at '=', keeps quotes to itself, and needs parentheses escaped outside of them."""
    assert ask("bash", "gradviz quiver --style=bo", "bo") == ["book"]
    assert ask("bash", "gradviz descent x --optimizer adam,b1=0.5,b", "0.5,b") == ["0.5,b2="]
    assert ask("bash", "gradviz quiver x0*softp", "x0*softp") == [r"x0*softplus\("]
    assert ask("bash", "gradviz batch bo", "bo") == [":files", "book"]


def test_a_word_that_goes_on_is_a_choice_where_the_shell_would_end_it(ask):
    """Bash within quotes, and fish always, would close the quote and add a space behind a single word."""
    assert ask("bash", 'gradviz quiver "softp', "softp") == ["softplus(", "softplus(...)"]
    assert [line.split("\t")[0] for line in ask("fish", "gradviz quiver softp")] == [
        "softplus(",
        "softplus(...)",
    ]
    assert len(ask("zsh", "gradviz quiver softp")) == 1


@pytest.mark.parametrize(
    "line", ["gradviz ", "gradviz quiver x --cmap ", "gradviz descent x --optimizer sgd,"]
)
def test_completing_loads_nothing_heavy(line, python):
    """Whoever presses Tab waits for neither NumPy nor SymPy nor Matplotlib."""
    program = (
        "import sys; from gradviz.cli import main; main();"
        "print([n for n in ('numpy', 'sympy', 'matplotlib', 'rich', 'yaml') if n in sys.modules])"
    )
    lines = python(program, env={"_GRADVIZ_COMPLETE": "complete_zsh", "COMP_LINE": line}).splitlines()
    assert len(lines) > 1
    assert lines[-1] == "[]"


def test_nothing_of_completion_is_loaded_otherwise(python):
    """Help and figures import neither the completion nor the scripts."""
    program = (
        "import sys; from gradviz.cli import main; main(['quiver', '--help']);"
        "print([n for n in sys.modules if 'completion' in n and 'gradviz' in n or 'shells' in n])"
    )
    assert python(program).splitlines()[-1] == "[]"


# Scripts and shells ---------------------------------------------------------------------------------------

SHELLS = ("bash", "zsh", "fish")
every_shell = pytest.mark.parametrize("shell", SHELLS)
CONTROLS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|[\x07\r]")


def test_the_script_of_the_users_own_shell_is_shown(run, monkeypatch):
    """Without a name it is that of $SHELL, and with a name that one."""
    monkeypatch.setenv("SHELL", "/usr/bin/zsh")
    own = run("--show-completion")
    assert (own.code, own.lines[0]) == (0, "#compdef gradviz")
    assert run("--show-completion", "zsh") == own
    assert "complete -F _gradviz gradviz" in run("--show-completion", "bash").lines
    assert run("--show-completion", "fish").lines[-1].startswith("complete --command gradviz")


@pytest.mark.parametrize(("given", "own"), [(["tcsh"], "/bin/bash"), ([], "/bin/tcsh"), ([], "")])
@pytest.mark.parametrize("option", ["--show-completion", "--install-completion"])
def test_an_unknown_shell_is_refused(option, given, own, run, monkeypatch):
    """The message names those that there are, and nothing is written."""
    monkeypatch.setenv("SHELL", own)
    answer = run(option, *given)
    assert (answer.code, answer.out) == (2, b"")
    assert f"{option}: must be one of bash, zsh, fish, got " in answer.err


@pytest.fixture
def home(here, monkeypatch):
    """Be at home in an empty folder."""
    monkeypatch.setenv("HOME", str(here))
    for name in ("ZDOTDIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    return here


@pytest.mark.parametrize(
    ("shell", "script", "start"),
    [
        ("bash", ".bash_completions/gradviz.sh", ".bashrc"),
        ("zsh", ".zfunc/_gradviz", ".zshrc"),
        ("fish", ".config/fish/completions/gradviz.fish", None),
    ],
)
def test_installing_tells_what_it_wrote(shell, script, start, run, home):
    """The script's path is the result, the line in the start file a note; again, no line is added."""
    if start:
        (home / start).write_text("# mine, without a line end")
    answer = run("--install-completion", shell)
    assert (answer.code, answer.lines) == (0, [str(home / script)])
    assert (home / script).read_text() == "\n".join(run("--show-completion", shell).lines) + "\n"
    assert f"{shell} completes gradviz from its next start on" in answer.err
    if start:
        first, line = (home / start).read_text().splitlines()
        assert first == "# mine, without a line end"
        assert f"added to {home / start}: {line}" in answer.err
        again = run("--install-completion", shell)
        assert (home / start).read_text().splitlines() == [first, line]
        assert "added" not in again.err


def test_what_cannot_be_installed_is_told(run, home):
    """A file in the place of a folder is an error of one line, and no fault."""
    (home / ".zfunc").write_text("")
    answer = run("--install-completion", "zsh")
    assert (answer.code, answer.out) == (1, b"")
    assert "cannot install completion" in answer.err


@pytest.fixture
def at_home(home, environment):
    """Return the environment of a shell whose `gradviz` is what is tested here."""
    (home / "bin").mkdir()
    program = home / "bin" / "gradviz"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m gradviz "$@"\n')
    program.chmod(0o755)
    path = f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {**environment, "PATH": path, "HOME": str(home), "TERM": "xterm", "PS1": "> "}


def typed(argv, text, wanted, env, cwd):
    """Type a text into an interactive shell, and return what the terminal shows as soon as that is wanted."""
    import pty

    child, terminal = pty.fork()
    if child == 0:
        os.chdir(cwd)
        os.execvpe(argv[0], argv, env)
    shown, sent, end = "", False, time.monotonic() + 30
    try:
        while wanted not in shown.rpartition("READY")[2] and time.monotonic() < end:
            if select.select([terminal], [], [], 0.1)[0]:
                shown += CONTROLS.sub("", os.read(terminal, 65536).decode(errors="replace"))
            if not sent and "READY" in shown:
                sent = True
                os.write(terminal, text.encode())
    finally:
        os.close(terminal)
        os.waitpid(child, 0)
    return shown.rpartition("READY")[2]


LINES = [
    ("gradviz qui", "gradviz quiver "),
    ("gradviz quiver --cma", "gradviz quiver --cmap "),
    ("gradviz quiver x --cmap mag", "--cmap magma"),
    ("gradviz descent x --optimizer sgd,", "--optimizer sgd,learning_rate="),
    ('gradviz quiver "x0*softp', '"x0*softplus('),
    ("gradviz quiver x --style=pap", "--style=paper"),
    ("gradviz quiver x -o pict", "-o pictures/"),
    ("gradviz batch func", "gradviz batch functions"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("text", "wanted"), LINES)
@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_bash_and_zsh_complete(shell, text, wanted, run, home, at_home):
    """After --install-completion, Tab in an interactive shell writes the rest of a word."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    (home / "pictures").mkdir()
    assert run("--install-completion", shell).code == 0
    start = home / {"bash": ".bashrc", "zsh": ".zshrc"}[shell]
    start.write_text(f"{start.read_text()}PS1='READY '\n")
    assert wanted in typed([shell, "-i"], f"{text}\t", wanted, at_home, home)


@pytest.mark.slow
@pytest.mark.parametrize(("text", "wanted"), LINES)
def test_fish_completes(text, wanted, run, home, at_home):
    """After --install-completion, fish's own list of candidates has the word."""
    if shutil.which("fish") is None:
        pytest.skip("fish is not installed")
    (home / "pictures").mkdir()
    assert run("--install-completion", "fish").code == 0
    done = subprocess.run(
        ["fish", "-c", "complete -C $argv[1]", text],
        env=at_home, cwd=home, capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    words = [line.partition("\t")[0] for line in done.stdout.decode().splitlines()]
    assert wanted.split()[-1].strip('"') in words
