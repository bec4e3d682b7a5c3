"""What the documentation promises: its length, its links, the commands, settings and variables that it names."""

import re
from pathlib import Path

import pytest
import yaml

from orchestration.lib.settings import PROJECT_DIR, Settings

DOCUMENTS = sorted(
    [*PROJECT_DIR.glob("*.md"), *PROJECT_DIR.glob("docs/*.md"), PROJECT_DIR / "benchmarks" / "README.md"]
)
README = PROJECT_DIR / "README.md"
# Readers who do not use a feature do not come across it: its marts and folders are on its own page.
OPTIONAL = {
    PROJECT_DIR / "docs" / "crm-touches.md": {"crm_rules", "crm_touches"},
    PROJECT_DIR / "docs" / "costs.md": {"costs"},
}


def name_of(path: Path) -> str:
    return str(path.relative_to(PROJECT_DIR))


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub writes them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def table_after(path: Path, header: str) -> list[list[str]]:
    """The rows of the table that begins with this header, without backticks."""
    lines = path.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {header} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().strip("`") for cell in line.strip("|").split(" | ")])
    return rows


def test_the_readme_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 150


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_link_leads_somewhere(path: Path) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)]+)\)", path.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert not broken


# The changelog also names commands of earlier versions.
@pytest.mark.parametrize("path", [path for path in DOCUMENTS if path.name != "CHANGELOG.md"], ids=name_of)
def test_every_make_target_exists(path: Path) -> None:
    makefile = (PROJECT_DIR / "Makefile").read_text(encoding="utf-8")
    targets = {name for line in re.findall(r"^([^\s:#=][^:=]*):(?!=)", makefile, re.MULTILINE) for name in line.split()}
    # Commands are in backticks or code blocks; elsewhere `make` is a verb.
    named = re.findall(
        r"(?:`|^\s*(?:\$ )?(?:[A-Z_]+=\S+ )*|[A-Z_]+=\S+ )make (\S+?)(?=[`\s]|$)",
        path.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    # `.venv/.installed-spark` is $(VENV)/.installed-spark of the Makefile, whose VENV is .venv.
    named = {name for name in named if "=" not in name}
    unknown = named - targets - {target.replace("$(VENV)", ".venv") for target in targets}
    assert not unknown


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_no_path_of_a_machine(path: Path) -> None:
    assert not re.findall(r"(?<![\w.>])/(?:home|root|Users|work|tmp)/\S*", path.read_text(encoding="utf-8"))


def test_every_page_can_be_reached_from_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    assert [name_of(page) for page in PROJECT_DIR.glob("docs/*.md") if name_of(page) not in text] == []


def test_every_mart_is_in_the_readme_or_on_the_page_of_its_feature() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in (README, *OPTIONAL))
    models = [path.stem for folder in ("core", "reports") for path in PROJECT_DIR.glob(f"models/marts/{folder}/*.sql")]
    missing = [model for model in models if f"`{model}`" not in text]
    assert models and not missing, f"not in the README's table of marts: {', '.join(missing)}"


def test_every_intermediate_folder_is_in_the_pictures_order() -> None:
    """The README's picture and the table of docs/architecture.md name the folders, the table in their order."""
    folders = {path.name for path in PROJECT_DIR.glob("models/intermediate/*") if path.is_dir()}
    listed = [row[0] for row in table_after(PROJECT_DIR / "docs" / "architecture.md", "folder")]
    assert set(listed) == folders and len(listed) == len(folders)
    picture = README.read_text(encoding="utf-8").split("```mermaid")[1].split("```")[0]
    optional = set().union(*OPTIONAL.values())
    places = [picture.index(f'{folder}["{folder}<br>') for folder in listed if folder not in optional]
    assert places == sorted(places)


def test_every_variable_is_documented_with_its_default() -> None:
    project = yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text(encoding="utf-8"))
    rows = table_after(PROJECT_DIR / "docs" / "variables.md", "variable")
    assert {name: yaml.safe_load(default) for name, default, *_ in rows} == {
        name: value for name, value in project["vars"].items() if name != "documented_variables"
    }


def test_every_seed_is_documented() -> None:
    text = (PROJECT_DIR / "docs" / "variables.md").read_text(encoding="utf-8")
    assert [path.stem for path in PROJECT_DIR.glob("seeds/*.csv") if f"`{path.stem}`" not in text] == []


def test_every_setting_is_documented() -> None:
    def settings_in(*paths: Path) -> set[str]:
        texts = "\n".join(path.read_text(encoding="utf-8") for path in paths)
        return set(re.findall(r"\b(?:CALL_ATTRIBUTION(?:_[A-Z]+)+|KEEP_VERSIONS)\b", texts))

    read = settings_in(PROJECT_DIR / "profiles.yml", *PROJECT_DIR.glob("orchestration/**/*.py"))
    assert read >= Settings.from_environment({}).environment().keys()
    assert sorted(read - settings_in(*PROJECT_DIR.glob("docs/*.md"))) == []
