"""The lower never learns of the higher: import contracts, string references, and the proof that both can fail."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("portal", "home", "procedures", "caseforms")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LAYERS = [[name.strip() for name in layer.split("|")] for layer in CONTRACTS[0]["layers"]]
MANUAL = next(contract["layers"] for contract in CONTRACTS if contract.get("containers") == ["procedures"])
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
# The manual stands between the home page and the portal; its own layers lie between those two numbers.
RANK |= {"procedures": 3.0} | {
    f"procedures.{name.strip()}": 2 + place / len(MANUAL)
    for place, layer in enumerate(MANUAL)
    for name in layer.split("|")
}
LABELS = {name.rpartition(".")[2]: name for name in RANK if name.count(".") <= 1}
# The settings and the composition root name everything; app configs and migrations are Django's own wiring.
FREE = ("portal/settings/", "portal/urls.py", "portal/wsgi.py", "portal/gunicorn.conf.py", "/migrations/")


def module_of(name: str) -> str | None:
    """The layer that a dotted name belongs to, such as `caseforms.cases` for `caseforms.cases.services.x`."""
    parts = name.split(".")
    for size in range(len(parts), 0, -1):
        if ".".join(parts[:size]) in RANK:
            return ".".join(parts[:size])
    return None


def strings_of(source: str) -> Iterator[str]:
    """Every string in the code that is not a docstring."""
    tree = ast.parse(source)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def wrong_way(path: str, source: str) -> list[str]:
    """Strings in this file that name a module or a model of a higher layer."""
    own = module_of(path.removesuffix(".py").replace("/", "."))
    if own is None or any(part in path for part in FREE):
        return []
    found = []
    for text in strings_of(source):
        named = None
        if re.fullmatch(r"(portal|home|procedures|caseforms)(\.\w+)+", text):
            named = module_of(text)
        elif re.fullmatch(r"([a-z]+)\.[A-Z]\w+", text):
            named = LABELS.get(text.split(".")[0])
        if named and named != own and RANK[named] < RANK[own]:
            found.append(f"{path}: {text}")
    return found


def our_files() -> list[Path]:
    return [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_every_import_contract_holds() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("portal/audit/services.py", "import caseforms.cases.models"),
        ("caseforms/cases/services.py", "import caseforms.workflow.services"),
        ("procedures/models.py", "import caseforms.cases.models"),
        ("caseforms/quarterly/services.py", "import openpyxl"),
        ("caseforms/deadlines/services.py", "import django_q.tasks"),
    ],
)
def test_an_import_the_wrong_way_is_found(tmp_path: Path, file: str, line: str) -> None:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    wrong = tmp_path / file
    wrong.write_text(wrong.read_text() + f"\n{line}\n")
    result = lint(tmp_path)
    assert result.returncode != 0
    assert "BROKEN" in result.stdout


def test_no_string_names_a_higher_layer() -> None:
    found = [
        line for path in our_files() for line in wrong_way(str(path.relative_to(ROOT)), path.read_text())
    ]
    assert found == []


def test_a_string_that_names_a_higher_layer_is_found() -> None:
    assert wrong_way("caseforms/cases/models.py", 'x = ForeignKey("actionplans.Plan")')
    assert wrong_way("portal/outbox/jobs.py", 'enqueue("caseforms.quarterly.jobs.run")')
    assert not wrong_way("caseforms/quarterly/models.py", 'x = ForeignKey("cases.Case")')


def test_our_own_apps_do_not_talk_through_signals() -> None:
    for path in our_files():
        source = path.read_text()
        assert "dispatch import Signal" not in source, path
        assert not re.search(r"signals import .*(save|delete)|signals\.(pre|post)_(save|delete)", source), (
            path
        )
