"""Hostile objects of a user's file: returned, raised, or called, each ends in an error of our own."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from gradviz.errors import GradvizError, RequestError
from gradviz.language.reading import read_function
from gradviz.userfunc import array_function, field_near

SPECIAL = (
    "__str__", "__repr__", "__format__", "__class__", "__getattr__", "__getattribute__", "__signature__",
    "__array__", "__array_interface__", "__array_struct__", "__array_ufunc__", "__array_function__",
    "__array_priority__", "__bool__", "__len__", "__iter__", "__getitem__", "__float__", "__int__",
    "__index__", "__complex__", "__hash__", "__eq__", "__name__", "__wrapped__", "__text_signature__",
    "__code__", "__defaults__", "__kwdefaults__", "__doc__", "__module__", "__dict__", "__buffer__",
    "__reduce_ex__", "__traceback__", "__cause__", "__context__", "__notes__", "args", "msg",
    "lineno", "filename", "text", "errno", "strerror", "name", "shape", "dtype", "ndim", "size", "func",
)  # fmt: skip
"""Attributes that Python, NumPy or gradviz looks up on an object of a user."""
NONSENSE = {
    "raise": "raise ZeroDivisionError('inside')",
    "exit": "raise SystemExit(0)",
    "base": "raise BaseException('base')",
    "recursion": "return recursion()",
    "self": "return self",
    "none": "return None",
    "text": "return 'nonsense'",
    "minus": "return -1",
    "large": "return 10**400",
    "nan": "return float('nan')",
    "list": "return [object(), [1, 2], None]",
    "strings": "return Text('x')",
}
SOURCE = """
def recursion():
    return recursion()

class Text(str):
    def __str__(self): raise ZeroDivisionError("inside")
    __repr__ = __format__ = __len__ = __str__

def method(self, *_, **__):
    {body}

def hostile(base, metaclass=type):
    if {as_property} or {name!r} in ("__class__", "__signature__", "__traceback__", "__dict__"):
        return metaclass("Hostile", (base,), {{{name!r}: property(method)}})
    return metaclass("Hostile", (base,), {{{name!r}: method}})

class Meta(type):
    pass
if {name!r} not in ("__getattribute__", "__dict__"):
    setattr(Meta, {name!r}, property(method))

Plain, Raised, Key, Syntax = hostile(object), hostile(Exception), hostile(KeyError), hostile(SyntaxError)
Called = type("Called", (Plain,), {{"__call__": lambda self, p: p[..., 0]}})
returns = lambda p: Plain()
returns_list = lambda p: [Plain() for _ in p]
returns_one = lambda x, y: Plain()
def raises(p): raise Raised("text")
def raises_key(p): raise Key("text")
def raises_syntax(p): raise Syntax("text")
def raises_meta(p): raise hostile(Exception, Meta)("text")
def returns_meta(p): return hostile(object, Meta)()
called = Called()
value = Plain()
def defaults(p, a=Plain()): return p[..., 0]
"""
FUNCTIONS = (
    "returns", "returns_list", "returns_one", "raises", "raises_key", "raises_syntax", "raises_meta",
    "returns_meta", "called", "value", "defaults", "absent",
)  # fmt: skip


QUICK = ("raise", "exit", "strings")
WAYS = [pytest.param(way, marks=() if way in QUICK else pytest.mark.slow) for way in NONSENSE]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("as_property", [False, True], ids=["method", "property"])
def test_a_hostile_object_gives_an_error_of_ours_or_numbers(way, as_property, here, recwarn):
    """Whatever an attribute does: a function has values, or an error in one to five printable lines."""
    for place, name in enumerate(SPECIAL):
        path = here / f"own{place}.py"
        path.write_text(SOURCE.format(name=name, body=NONSENSE[way], as_property=as_property))
        for function in FUNCTIONS:
            reading = read_function(f"{path.name}:{function}", coordinates=["x", "y"])
            for door in (_at_points, _at_array):
                try:
                    values = door(reading)
                except GradvizError as error:
                    _check_message(error.message)
                else:
                    assert np.asarray(values).dtype == np.float64


def _check_message(message):
    assert 1 <= len(message.splitlines()) <= 5
    assert message.replace("\n", "").isprintable()


def _at_points(reading):
    field = field_near(reading, np.array([[1.0, 2.0], [0.5, 3.0]]))
    return field(np.array([[1.0, 2.0], [0.5, 3.0], [4.0, 5.0]]))


def _at_array(reading):
    return array_function(reading, np.array([1.0, 2.0]))(np.array([[1.0, 2.0]]))


@pytest.mark.parametrize("name", ["returns", "raises", "called", "value", "defaults"])
@pytest.mark.parametrize("attribute", ["__str__", "__signature__", "__class__", "__getattr__", "__array__"])
def test_the_command_reports_the_users_file(attribute, name, run, here):
    """The message names the file, never a fault in gradviz, and `sys.exit(0)` is no success in silence."""
    (here / "own.py").write_text(SOURCE.format(name=attribute, body="raise SystemExit(0)", as_property=False))
    answer = run("grad", f"own.py:{name}", "--at", "1,2")
    if answer.code:
        assert (answer.code, answer.out) == (2, b"")
        assert answer.err.startswith("error: own.py")
    else:
        assert answer.lines[1].split()[:3] == ["1", "2", "1"]


@pytest.mark.parametrize(
    "change", ["sys.stderr = None", "sys.stdout = None", "sys.stderr = sys.stdout = S()"]
)
def test_streams_that_a_file_replaces_are_put_back(change, here):
    """Streams hold during a call only: results and messages are printed as ever."""
    (here / "own.py").write_text(
        f"import sys\nclass S: pass\nsys.stderr = S()\ndef f(p):\n    {change}\n    return p[..., 0]\n"
    )
    done = program("grad", "own.py:f", "--at", "1,2", cwd=here)
    assert done.returncode == 0
    assert done.stdout.splitlines()[1].split()[:4] == [b"1", b"2", b"1", b"1"]
    assert done.stderr.startswith(b"note: own.py:f takes")


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize("ending", ["return p[..., 0]", "raise SystemExit(0)"])
def test_streams_that_a_file_closes_are_opened_again(stream, ending, here):
    """The numbers and the messages are printed as ever, and nothing of the interpreter's."""
    (here / "own.py").write_text(f"import sys\ndef f(p):\n    sys.{stream}.close()\n    {ending}\n")
    done = program("grad", "own.py:f", "--at", "1,2", cwd=here)
    messages = done.stderr.splitlines()
    if "return" in ending:
        assert (done.returncode, done.stdout.splitlines()[1].split()[:3]) == (0, [b"1", b"2", b"1"])
        assert [line[:14] for line in messages] == [b"note: own.py:f"]
    else:
        assert (done.returncode, done.stdout) == (2, b"")
        assert messages[0].startswith(b"error: own.py:4: SystemExit")
        assert len(messages) <= 5


def program(*words, cwd):
    return subprocess.run(
        [sys.executable, "-P", "-m", "gradviz", *words], capture_output=True, check=False, cwd=cwd, timeout=60
    )


@pytest.mark.parametrize(
    "start",
    ["threading.Thread(target=time.sleep, args=(600,)).start()",
     "concurrent.futures.ThreadPoolExecutor().submit(time.sleep, 600)"],
    ids=["thread", "pool"],
)  # fmt: skip
def test_a_thread_that_a_file_leaves_running_ends_with_the_command(start, here):
    """The numbers are printed and the command ends with its own exit code; nobody waits for the thread."""
    imports = "import concurrent.futures, threading, time\n"
    (here / "own.py").write_text(f"{imports}{start}\ndef f(p):\n    return p[..., 0]\n")
    done = program("grad", "own.py:f", "--at", "1,2", cwd=here)
    assert (done.returncode, done.stdout.splitlines()[1].split()[:3]) == (0, [b"1", b"2", b"1"])
    assert program("grad", "own.py:g", "--at", "1,2", cwd=here).returncode == 2


HUGE = {
    "outer": "np.broadcast_to(1.0, (5000, 5000)).copy()",
    "list": "[np.zeros(3_000_000)] * 4",
    "lazy": "np.broadcast_to(1.0, (10**6, 10**6))",
    "complex": "np.broadcast_to(1j, (10**6, 10**6))",
    "objects": "np.broadcast_to(np.array(None), (10**6, 10**6))",
}


@pytest.mark.parametrize("result", HUGE.values(), ids=HUGE)
@pytest.mark.parametrize("arguments", ["p", "x, y", "*p"])
@pytest.mark.parametrize("width", [None, 2])
def test_a_huge_result_of_a_wrong_shape_is_asked_for_once(width, arguments, result, here):
    """It ends in an error after one call, and takes no memory beside that of the result itself."""
    from gradviz.userfunc import user_gradient

    (here / "own.py").write_text(
        f"import numpy as np\ncalls = []\ndef f({arguments}):\n    calls.append(1)\n    return {result}\n"
        "def count(p):\n    return len(calls) + 0 * p[..., 0]\n"
    )
    reading, points = read_function("own.py:f", coordinates=["x", "y"]), np.array([[1.0, 2.0]])
    tracemalloc.start()
    with pytest.raises(RequestError, match=r"own\.py:f: must return .* got an array of shape \("):
        field_near(reading, points) if width is None else user_gradient(reading, points)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    calls = field_near(read_function("own.py:count", coordinates=["x", "y"]), points)(points)
    assert calls == [1]
    assert peak < 250e6


def test_a_wrong_shape_for_each_point_is_not_kept(here):
    """A result of 900,000 numbers for one point is held once, and not for each of 100 points."""
    (here / "own.py").write_text(
        "import numpy as np\ndef f(x, y):\n    return np.zeros(900_000) + float(x)\n"
    )
    tracemalloc.start()
    with pytest.raises(RequestError, match=r"got an array of shape \(900000,\)"):
        field_near(read_function("own.py:f", coordinates=["x", "y"]), np.ones((100, 2)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 900_000 * 6
