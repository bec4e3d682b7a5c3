"""The structure of the Python code, read from its import statements: layers, no cycle, Dagster above lib/ only."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from orchestration.lib.settings import PROJECT_DIR

ROOT = PROJECT_DIR / "orchestration"

# From bottom to top. Parts of one layer do not import each other.
LAYERS = (
    {"lib.child", "lib.errors", "lib.files", "lib.lock", "lib.retry", "lib.settings", "lib.terminal"},
    {"lib.seeds", "lib.mail"},
    {"lib.own_settings"},
    {"lib.landing"},
    {"lib.crm_rules"},
    {"lib.publish", "lib.report", "lib.sources"},
    {"lib.build"},
    {"lib.engines", "lib.sample", "lib.alerts"},
    {"lib.changes"},
    {"runtime"},
    {"defs"},
    {"definitions"},
    {"launch"},
    {"__main__"},
)
# Base modules may use each other: settings and locks raise UserError.
BASE = LAYERS[0]
LEVEL = {part: level for level, parts in enumerate(LAYERS) for part in parts}


def module_of(path: Path) -> str:
    """The dotted name of a file below orchestration/; a package has the name of its folder."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in sorted(ROOT.rglob("*.py"))}


def part_of(module: str) -> str:
    """The member of a layer to which a module belongs."""
    depth = 2 if module.startswith("lib.") else 1
    return ".".join(module.split(".")[:depth])


def imported(module: str) -> Iterator[str]:
    """What a module imports anywhere: at its top, inside functions, for type checking.

    `from package import name` counts as `package.name` where that is a module of the project.
    """
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.removeprefix("orchestration.") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module} has a relative import in line {node.lineno}"
            package = (node.module or "").removeprefix("orchestration").removeprefix(".")
            for alias in node.names:
                name = f"{package}.{alias.name}".removeprefix(".")
                yield name if name in MODULES else package


def own_imports(module: str) -> set[str]:
    """The modules of the project that a module imports."""
    return {name for name in imported(module) if name and name in MODULES}


def test_every_module_belongs_to_a_layer() -> None:
    parts = {part_of(module) for module in MODULES if module not in ("", "lib")}
    assert parts == set(LEVEL)


@pytest.mark.parametrize("module", [module for module in MODULES if module not in ("", "lib")])
def test_imports_go_down(module: str) -> None:
    """A lazy import counts like any other: it would only hide that two parts need each other."""
    own = part_of(module)
    upward = {
        name
        for name in own_imports(module)
        if part_of(name) != own and not (LEVEL[part_of(name)] < LEVEL[own] or (own in BASE and part_of(name) in BASE))
    }
    assert not upward, f"{module} imports {sorted(upward)}, which do not lie below it"


def test_no_modules_import_each_other_in_a_cycle() -> None:
    try:
        TopologicalSorter({module: own_imports(module) for module in MODULES}).prepare()
    except CycleError as error:
        pytest.fail(f"import cycle: {' -> '.join(error.args[1])}")


def test_lib_works_without_dagster() -> None:
    users = {
        module
        for module in MODULES
        if module.startswith("lib") and any(name.split(".")[0].startswith("dagster") for name in imported(module))
    }
    assert not users


def test_settings_are_read_from_the_environment_in_one_place() -> None:
    """`Settings.current()` reads them once; a second reading could differ from the first."""
    readers = {
        module
        for module, path in MODULES.items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr == "from_environment"
        and isinstance(node.value, ast.Name)
        and node.value.id.endswith(("Settings", "settings", "Limits"))
    }
    assert not readers - {"lib.settings"}
