"""The syntax trees of our own files."""

import ast
import gc
from pathlib import Path


def syntax_tree(file: Path) -> ast.Module:
    """Parse a file, without a garbage collection meanwhile.

    A finalizer may log a traceback, which parses a line of its own. CPython 3.11 counts the depth of both parsers in
    one place, and the outer one fails: "AST constructor recursion depth mismatch".
    """
    gc.disable()
    try:
        return ast.parse(file.read_text())
    finally:
        gc.enable()
