"""Files that are written as a whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

import gradviz
from gradviz.errors import GradvizError, OutputError
from gradviz.files import check_target, read_bounded, write_whole

as_root = hasattr(os, "geteuid") and os.geteuid() == 0
not_root = pytest.mark.skipif(as_root, reason="root may write anywhere")
posix = pytest.mark.skipif(os.name != "posix", reason="modes, links and FIFOs are POSIX's")
FIGURE = ("contour", "x*y", "-n", "4", "--dpi", "30")


def mode(path):
    return stat.S_IMODE(Path(path).stat().st_mode)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def umask():
    """Return a function that sets the umask until the test is over."""
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


# Writing --------------------------------------------------------------------------------------------------


def test_a_file_is_written_whole(here):
    """What was given is what stands in the file, and beside it there is nothing."""
    content = bytes(range(256)) * 5000
    write_whole(here / "a.bin", content)
    assert (here / "a.bin").read_bytes() == content
    assert names(here) == ["a.bin"]


def test_a_file_is_replaced_whole(here):
    """A longer file leaves nothing of itself behind."""
    (here / "a.bin").write_bytes(b"x" * 1000)
    write_whole(here / "a.bin", b"new")
    assert (here / "a.bin").read_bytes() == b"new"


@posix
@pytest.mark.parametrize(("mask", "wanted"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664), (0, 0o666)])
def test_the_umask_is_honoured(mask, wanted, umask, here):
    """A new file has the permissions of any new file, and not those of a temporary one."""
    umask(mask)
    write_whole(here / "a.bin", b"new")
    assert mode(here / "a.bin") == wanted


@posix
@pytest.mark.parametrize(("mask", "wanted"), [(0o022, 0o644), (0o077, 0o600)])
def test_the_umask_is_honoured_for_pictures_and_data(mask, wanted, umask, run, here):
    """The files of a command have the permissions of any new file."""
    umask(mask)
    assert run(*FIGURE, "-o", "a.png", "--data", "a.csv").code == 0
    assert (mode(here / "a.png"), mode(here / "a.csv")) == (wanted, wanted)


FAULTS = ["replace", "fsync", "open"]


def is_ours(path, flags=0, *_):
    """Tell whether a call of os.open makes the file beside its place, with a name or without."""
    nameless = getattr(os, "O_TMPFILE", -1)
    return str(path).endswith(".part") or flags & nameless == nameless


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), PermissionError(13, "Permission denied")]
)
def test_a_failed_write_leaves_the_old_file(fault, error, here, monkeypatch):
    """If the disk is full or may not be written to, what was there is there, and nothing else."""
    target = here / "a.png"
    target.write_bytes(b"old")

    def fail(*_, **__):
        raise error

    monkeypatch.setattr(os, fault, fail)
    with pytest.raises(OutputError, match=error.strerror.lower()):
        write_whole(target, b"new")
    monkeypatch.undo()
    assert target.read_bytes() == b"old"
    assert names(here) == ["a.png"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_failed_write_of_a_new_file_leaves_nothing(fault, run, here, monkeypatch):
    """A command whose picture cannot be written ends with 1, a message of one line, and an empty folder."""
    real = getattr(os, fault)

    def fail(*arguments, **options):
        if fault == "open" and not is_ours(*arguments):
            return real(*arguments, **options)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, fault, fail)
    answer = run(*FIGURE)
    assert (answer.code, answer.out) == (1, b"")
    assert answer.err.count("\n") == 1
    assert "no space left" in answer.err
    assert "contour.png" in answer.err
    assert names(here) == []


def test_an_interrupted_write_leaves_the_old_file(here, monkeypatch):
    """Ctrl-C in the middle of writing cleans up behind itself, and is still Ctrl-C."""
    target = here / "a.png"
    target.write_bytes(b"old")

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_whole(target, b"new")
    assert target.read_bytes() == b"old"
    assert names(here) == ["a.png"]


def test_data_that_cannot_be_written_takes_no_picture_down(run, here):
    """If one of two files may not be written, neither is: both are checked before anything is drawn."""
    (here / "a.csv").write_text("mine")
    answer = run(*FIGURE, "-o", "a.png", "--data", "a.csv")
    assert (answer.code, answer.out) == (1, b"")
    assert names(here) == ["a.csv"]
    assert (here / "a.csv").read_text() == "mine"


def test_a_name_of_255_bytes_can_be_written(here):
    """The sibling that is moved into place has a name of its own that is never too long."""
    name = "a" * 251 + ".png"
    write_whole(here / name, b"new")
    assert names(here) == [name]


def test_a_name_of_wide_characters_can_be_written(here):
    """File systems count bytes: a name of 250 bytes of wide letters is written as well."""
    name = "日" * 82 + ".png"
    write_whole(here / name, b"new")
    assert names(here) == [name]


# What may be replaced -------------------------------------------------------------------------------------


STRANGERS = {
    "text.png": b"not a picture",
    "empty.png": b"",
    "other.png": bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc00000"
        "0301010018dd8db00000000049454e44ae426082"
    ),
    "other.svg": b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
    "other.pdf": b"%PDF-1.4\n%%EOF\n",
    "word.png": b'{"gradviz": 1, "spec": {}}',
    "word.svg": b'{"gradviz": 1, "spec": {}}',
}


@pytest.mark.parametrize("name", STRANGERS)
def test_a_file_that_gradviz_did_not_make_is_refused(name, run, here):
    """Another's file stays as it is, and the message names it and --force."""
    (here / name).write_bytes(STRANGERS[name])
    answer = run(*FIGURE, "-o", name)
    assert (answer.code, answer.out) == (1, b"")
    assert name in answer.err
    assert "--force" in answer.err
    assert (here / name).read_bytes() == STRANGERS[name]
    assert names(here) == [name]


def test_force_replaces_any_file(run, here):
    """With --force a file that gradviz did not make is replaced."""
    (here / "a.png").write_bytes(b"mine")
    (here / "a.csv").write_bytes(b"mine")
    assert run(*FIGURE, "-o", "a.png", "--data", "a.csv", "--force").code == 0
    assert (here / "a.png").read_bytes().startswith(b"\x89PNG")
    assert (here / "a.csv").read_bytes().startswith(b"x,y,f\n")


@pytest.mark.parametrize("form", ["png", "pdf"])
def test_a_picture_of_ours_is_replaced_without_asking(form, run, here):
    """A second picture takes the place of the first."""
    assert run(*FIGURE, "-o", f"a.{form}").code == 0
    first = (here / f"a.{form}").read_bytes()
    assert run("contour", "x+y", "-n", "4", "--dpi", "30", "-o", f"a.{form}").code == 0
    assert (here / f"a.{form}").read_bytes() != first
    assert names(here) == [f"a.{form}"]


def test_save_refuses_as_the_command_does(here):
    """From Python, too, only a picture of ours is replaced, unless force is said."""
    spec = gradviz.Contour(expression="x*y", samples=4, dpi=30)
    (here / "a.png").write_bytes(b"mine")
    with pytest.raises(OutputError, match="not a file of gradviz"):
        gradviz.save(spec, "a.png")
    assert (here / "a.png").read_bytes() == b"mine"
    assert gradviz.save(spec, "a.png", force=True) == Path("a.png")
    assert gradviz.save(spec, "a.png") == Path("a.png")


# Places that are no place for a file ----------------------------------------------------------------------


def test_a_missing_folder_is_named(run, here):
    """A file in a folder that there is not is refused, and the folder is not made."""
    answer = run(*FIGURE, "-o", "no/such/a.png")
    assert (answer.code, answer.out) == (1, b"")
    assert "no such" not in answer.err
    assert str(Path("no/such")) in answer.err
    assert names(here) == []


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_is_no_file(force, run, here):
    """A folder in the place of the file stays, with --force, too."""
    (here / "a.png").mkdir()
    answer = run(*FIGURE, "-o", "a.png", *(["--force"] if force else []))
    assert (answer.code, answer.out) == (1, b"")
    assert "folder" in answer.err
    assert (here / "a.png").is_dir()
    assert names(here) == ["a.png"]


@posix
@pytest.mark.parametrize("force", [False, True])
def test_a_fifo_is_no_file(force, run, here):
    """A pipe is neither read, which would wait for ever, nor replaced."""
    os.mkfifo(here / "a.png")
    answer = run(*FIGURE, "-o", "a.png", *(["--force"] if force else []))
    assert (answer.code, answer.out) == (1, b"")
    assert "regular file" in answer.err
    assert stat.S_ISFIFO((here / "a.png").stat().st_mode)


@posix
def test_a_link_of_the_users_own_is_followed(run, here):
    """-o is trusted: through a link the file that it points to is written, and the link stays a link."""
    (here / "there").mkdir()
    (here / "a.png").symlink_to("there/b.png")
    assert run(*FIGURE, "-o", "a.png").code == 0
    assert (here / "a.png").is_symlink()
    assert (here / "there" / "b.png").read_bytes().startswith(b"\x89PNG")
    assert names(here / "there") == ["b.png"]


@posix
def test_behind_a_link_the_same_files_are_refused(run, here):
    """A link to another's file does not make it ours."""
    (here / "b.png").write_bytes(b"mine")
    (here / "a.png").symlink_to("b.png")
    assert run(*FIGURE, "-o", "a.png").code == 1
    assert (here / "b.png").read_bytes() == b"mine"


@posix
def test_a_link_to_itself_is_an_error(run, here):
    """A link that goes round in a circle is refused in one line."""
    (here / "a.png").symlink_to("a.png")
    answer = run(*FIGURE, "-o", "a.png")
    assert (answer.code, answer.out) == (1, b"")
    assert answer.err.count("\n") == 1


@posix
@not_root
def test_a_folder_that_may_not_be_written_to_is_named(run, here):
    """Without the right to write, that is said."""
    (here / "locked").mkdir(mode=0o555)
    answer = run(*FIGURE, "-o", "locked/a.png")
    assert (answer.code, answer.out) == (1, b"")
    assert "permission denied" in answer.err


@pytest.mark.parametrize("name", ["a\x00b.png", "a" * 300 + ".png", "a" * 5000 + ".png"])
def test_names_that_no_file_can_have_are_refused(name, here):
    """A name with a null or one that is too long is an error of the family, in one line."""
    with pytest.raises(GradvizError) as caught:
        write_whole(check_target(here / name, lambda _: False), b"new")
    assert "\n" not in str(caught.value)
    assert names(here) == []


def test_a_file_in_the_place_of_a_folder_is_refused(run, here):
    """A file cannot have files in it."""
    (here / "a").write_text("mine")
    answer = run(*FIGURE, "-o", "a/b.png")
    assert (answer.code, answer.out) == (1, b"")
    assert names(here) == ["a"]


# Reading --------------------------------------------------------------------------------------------------


def test_a_file_is_read_up_to_its_limit(here):
    """A file of exactly the limit is read, and one byte more is refused."""
    (here / "a").write_bytes(b"12345")
    assert read_bounded(here / "a", 5) == b"12345"
    with pytest.raises(OutputError, match="larger than 4 bytes"):
        read_bounded(here / "a", 4)


@pytest.mark.parametrize("make", ["missing", "folder", pytest.param("fifo", marks=posix), "null"])
def test_what_cannot_be_read_is_said_once(make, here):
    """A missing file, a folder or a pipe is an error in one sentence."""
    path = here / ("a\x00b" if make == "null" else "a")
    if make == "folder":
        path.mkdir()
    if make == "fifo":
        os.mkfifo(path)
    with pytest.raises(OutputError) as caught:
        read_bounded(path, 10)
    assert str(caught.value).count("cannot read") == 1
    assert "\n" not in str(caught.value)
