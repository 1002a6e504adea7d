"""What `thermal/physics` may hold: kernels of positional arguments, on numpy, numba and math, silent, in few lines."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "thermal" / "physics").rglob("*.py"))
ALLOWED = {"numpy", "numba", "math", "typing", "enum", "thermal.physics"}
DECORATOR = ROOT / "thermal" / "physics" / "kernel.py"  # owns the cache, so it alone touches files and processes
COMPILER = DECORATOR.with_name("compiling.py")  # what it makes of the compiler
TOO_DEAR = {
    "numpy": {"interp", "sort", "argsort", "linalg", "vectorize", "fft"},
    "numba": {"njit", "jit", "vectorize", "guvectorize", "cfunc", "typed", "stencil"},
}
ALLOCATORS = {"zeros", "empty", "ones", "full", "zeros_like", "empty_like", "ones_like", "full_like", "array", "copy",
              "arange", "linspace", "concatenate"}  # fmt: skip


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _is_kernel(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and any(
        isinstance(d, ast.Name) and d.id == "kernel" for d in node.decorator_list
    )


KERNELS = [
    pytest.param(node, id=f"{path.stem}.{node.name}")
    for path in MODULES
    for node in _tree(path).body
    if isinstance(node, ast.FunctionDef) and _is_kernel(node)
]


def test_there_are_kernels_and_each_is_top_level():
    assert KERNELS
    everywhere = [n for path in MODULES for n in ast.walk(_tree(path)) if _is_kernel(n)]
    assert len(everywhere) == len(KERNELS)


@pytest.mark.parametrize("node", KERNELS)
def test_kernel_takes_positional_arguments_alone(node):
    a = node.args
    assert [a.defaults, a.kw_defaults, a.kwonlyargs, a.vararg, a.kwarg] == [[], [], [], None, None]
    assert not [n for n in ast.walk(node) if isinstance(n, ast.Lambda | ast.FunctionDef) and n is not node]
    assert node.name.startswith("_") or ast.get_docstring(node), "a kernel says what it computes"


@pytest.mark.parametrize("node", KERNELS)
def test_kernel_does_not_allocate_in_its_loops(node):
    loops = [n for n in ast.walk(node) if isinstance(n, ast.For | ast.While)]
    calls = [c for loop in loops for c in ast.walk(loop) if isinstance(c, ast.Call)]
    found = {c.func.attr for c in calls if isinstance(c.func, ast.Attribute) and c.func.attr in ALLOCATORS}
    assert not found


@pytest.mark.parametrize("path", [p for p in MODULES if p not in {DECORATOR, COMPILER}], ids=lambda p: p.stem)
def test_imports_and_silence(path):
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            imported = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            imported = [node.module or "."]
        else:
            imported = []
        for name in imported:
            assert any(name == a or name.startswith(a + ".") for a in ALLOWED), f"{path.name} imports {name}"
        if isinstance(node, ast.Call):
            assert getattr(node.func, "id", "") != "print", f"{path.name}:{node.lineno} prints"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            package = {"np": "numpy", "nb": "numba"}.get(node.value.id, node.value.id)
            assert node.attr not in TOO_DEAR.get(package, ()), f"{path.name}:{node.lineno} uses {package}.{node.attr}"


def test_decorator_neither_prints_nor_logs():
    words = {n.id for n in ast.walk(_tree(DECORATOR)) if isinstance(n, ast.Name)}
    assert not words & {"print", "logging", "warnings"}


def _loses_nan(node: ast.AST) -> bool:
    """A running maximum of a residual in which a NaN leaves no trace, at once or at the next finite value.

    `max(worst, r)` and `if r > worst: worst = r` never let it in; `if not (r <= worst): worst = r` lets it out again.
    """
    if isinstance(node, ast.If) and len(node.body) == 1 and isinstance(node.body[0], ast.Assign):
        test = node.test.operand if isinstance(node.test, ast.UnaryOp) else node.test
        target, value = ast.unparse(node.body[0].targets[0]), ast.unparse(node.body[0].value)
        sides = {ast.unparse(test.left), ast.unparse(test.comparators[0])} if isinstance(test, ast.Compare) else set()
        return sides == {target, value} and (_is_residual(target) or "abs(" in value)
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "max":
        target = ast.unparse(node.targets[0])
        return _is_residual(target) and target in {ast.unparse(a) for a in node.value.args}
    return False


def _is_residual(name: str) -> bool:
    return any(word in name for word in ("residual", "worst", "error", "change", "defect", "imbalance"))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.stem)
def test_no_residual_loses_nan(path):
    assert not [node.lineno for node in ast.walk(_tree(path)) if _loses_nan(node)]


@pytest.mark.parametrize(
    ("code", "lost"),
    [
        ("if abs(r) > worst:\n    worst = abs(r)", True),
        ("worst = max(worst, abs(r))", True),
        ("row.residual = max(abs(r), row.residual)", True),
        ("if not (abs(r) <= worst):\n    worst = abs(r)", True),
        ("if worst == worst and not (abs(r) <= worst):\n    worst = abs(r)", False),
        ("total_residual += abs(r)", False),
        ("T = max(T, 0.0)", False),
    ],
)
def test_what_counts_as_losing_nan(code, lost):
    assert any(_loses_nan(node) for node in ast.walk(ast.parse(code))) is lost
