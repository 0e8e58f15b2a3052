"""One name, one meaning: no two public classes or types of the program share a name."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
OTHERS = ("dash_app/demo/", "dash_app/views/markup.py")
"""Not ours to name: the demo portal is another process and speaks the portal's words, elements of markup are called as HTML calls them."""


def _is_type(name: str) -> bool:
    return name[0].isupper() and not name.isupper()


def _public(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return {name for name in names if _is_type(name)}


def test_no_two_public_types_share_a_name() -> None:
    found: dict[str, list[str]] = defaultdict(list)
    for folder in ("dash_app", "callbacks", "pages"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            where = path.relative_to(ROOT).as_posix()
            if not where.startswith(OTHERS):
                for name in _public(ast.parse(path.read_text(encoding="utf-8"))):
                    found[name].append(where)
    assert len(found) > 300
    assert {name: where for name, where in found.items() if len(where) > 1} == {}
