"""The prose of the package: docstrings, comments of constants and messages in the words of the field.

The rules are few and mechanical. They catch kinds of sentences that a reader of NumPy or Matplotlib would
have to read twice, and no test can tell whether a sentence is good.
"""

from __future__ import annotations

import ast
import inspect
import io
import re
import tokenize
from pathlib import Path

import pytest

import gradviz
from gradviz.specs import KINDS

FOLDER = Path(gradviz.__file__).parent
VERBS = frozenset(
    [
        "Add",
        "Allow",
        "Append",
        "Apply",
        "Approximate",
        "Arrange",
        "Ask",
        "Bisect",
        "Bound",
        "Build",
        "Call",
        "Cap",
        "Change",
        "Check",
        "Claim",
        "Clip",
        "Close",
        "Collect",
        "Combine",
        "Compare",
        "Compile",
        "Complete",
        "Compose",
        "Compute",
        "Convert",
        "Copy",
        "Count",
        "Create",
        "Cut",
        "Decode",
        "Define",
        "Delete",
        "Describe",
        "Determine",
        "Differentiate",
        "Disable",
        "Discard",
        "Draw",
        "Enable",
        "Encode",
        "End",
        "Ensure",
        "Enter",
        "Estimate",
        "Evaluate",
        "Expand",
        "Extend",
        "Fall",
        "Find",
        "Finish",
        "Fit",
        "Flush",
        "Fold",
        "Follow",
        "Format",
        "Forward",
        "Generate",
        "Give",
        "Group",
        "Guard",
        "Handle",
        "Hide",
        "Hold",
        "Ignore",
        "Import",
        "Include",
        "Infer",
        "Insert",
        "Install",
        "Integrate",
        "Interpret",
        "Isolate",
        "Iterate",
        "Join",
        "Keep",
        "Label",
        "Lay",
        "Leave",
        "Let",
        "Limit",
        "List",
        "Load",
        "Locate",
        "Look",
        "Make",
        "Map",
        "Mark",
        "Mask",
        "Match",
        "Merge",
        "Minimize",
        "Move",
        "Multiply",
        "Name",
        "Normalize",
        "Note",
        "Offer",
        "Open",
        "Order",
        "Parse",
        "Pick",
        "Place",
        "Plot",
        "Prepare",
        "Print",
        "Project",
        "Provide",
        "Put",
        "Quote",
        "Raise",
        "Read",
        "Record",
        "Redirect",
        "Redraw",
        "Reduce",
        "Refine",
        "Refuse",
        "Register",
        "Reject",
        "Release",
        "Remove",
        "Render",
        "Replace",
        "Report",
        "Rewrite",
        "Represent",
        "Reserve",
        "Reset",
        "Resolve",
        "Restore",
        "Return",
        "Round",
        "Run",
        "Sample",
        "Save",
        "Scale",
        "Search",
        "Select",
        "Send",
        "Separate",
        "Set",
        "Share",
        "Shorten",
        "Show",
        "Sign",
        "Signal",
        "Silence",
        "Simplify",
        "Solve",
        "Sort",
        "Split",
        "Start",
        "Stop",
        "Store",
        "Strip",
        "Subtract",
        "Suggest",
        "Summarize",
        "Swap",
        "Switch",
        "Take",
        "Test",
        "Trace",
        "Track",
        "Translate",
        "Try",
        "Tune",
        "Turn",
        "Typeset",
        "Undo",
        "Update",
        "Use",
        "Validate",
        "Verify",
        "Visit",
        "Wait",
        "Walk",
        "Warn",
        "Watch",
        "Wrap",
        "Write",
        "Yield",
    ]
)
RIDDLE = re.compile(r"^(?:Tell\b|\w+ (?:what|how|where|which|why|that|those|in words)\b)")
NOT_A_NOUN = re.compile(r"^(?:What|Where|How|Whether|Is|Why|When|Which)\b")
COMMENT_START = re.compile(
    r"^(?:of|than|times|so|the same|as|beyond|and|but|where|which|that)\b", re.IGNORECASE
)
WORDS_OF_PERSONS = re.compile(r"\b(?:will not do|has to be|may be \S+ at the most|is told|are told)\b")


def trees():
    """Yield the path and the tree of each module."""
    for path in sorted(FOLDER.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def docstrings(kinds):
    """Yield the place and the first line of each docstring of some kinds of nodes."""
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, kinds) and (text := ast.get_docstring(node)):
                line = 1 if isinstance(node, ast.Module) else node.lineno
                yield f"{path.relative_to(FOLDER)}:{line}", text.split("\n")[0], node


def is_property(node):
    """Return whether a function is a property, whose docstring is a noun phrase."""
    names = {ast.unparse(one).rsplit(".", maxsplit=1)[-1] for one in node.decorator_list}
    return bool(names & {"property", "cached_property"})


def test_functions_begin_with_a_verb():
    """The first line of a function's docstring is a verb and a standard noun."""
    wrong = [
        f"{place} {first}"
        for place, first, node in docstrings((ast.FunctionDef, ast.AsyncFunctionDef))
        if not is_property(node)
        if first.split()[0].rstrip(".,:;") not in VERBS or RIDDLE.match(first)
    ]
    assert wrong == []


def test_modules_classes_and_properties_are_noun_phrases():
    """The first line of a module's, a class's or a property's docstring names what it is."""
    wrong = [
        f"{place} {first}"
        for place, first, node in docstrings((ast.Module, ast.ClassDef, ast.FunctionDef))
        if not isinstance(node, ast.FunctionDef) or is_property(node)
        if (NOT_A_NOUN.match(first) and not first.startswith("Whether"))
        or (not isinstance(node, ast.FunctionDef) and first.startswith("Whether"))
    ]
    assert wrong == []


def test_comments_of_constants_can_be_read_alone():
    """A comment beside a constant names a quantity, and does not go on with the line it stands on."""
    wrong = []
    for path, tree in trees():
        constants = {
            node.lineno
            for node in tree.body
            if isinstance(node, (ast.Assign, ast.AnnAssign))
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name) and target.id.isupper()
        }
        for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
            if token.type == tokenize.COMMENT and token.start[0] in constants:
                words = token.string.lstrip("# ")
                if COMMENT_START.match(words) and not re.match(r"of [^:]*[:;,]", words):
                    wrong.append(f"{path.relative_to(FOLDER)}:{token.start[0]} {token.string}")
    assert wrong == []


def test_messages_are_no_persons():
    """No text in the package says that a value will not do or that something is told."""
    wrong = [
        f"{path.relative_to(FOLDER)}:{node.lineno} {node.value[:80]}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and WORDS_OF_PERSONS.search(node.value)
    ]
    assert wrong == []


@pytest.mark.parametrize("kind", KINDS)
def test_summaries_of_commands_are_read_whole(kind):
    """A summary has at most 50 characters, since the list of commands cuts the rest off."""
    assert len((inspect.getdoc(KINDS[kind]) or "").split("\n")[0]) <= 50
