"""What `make` reports before it installs anything: no browser, no suitable Python."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.lib.settings import PROJECT_DIR

# A machine with these programs only; `id` and what a case adds are written as scripts.
TOOLS = ("bash", "env", "id", "make", "mkdir", "touch")
BROWSER = {"chromium": "", "chromedriver": ""}
APT = {"apt-get": 'echo "$*" >> "${0%/*}/installed"'}
SUDO = {"sudo": '[ "$1" = -n ] && shift && "$@"'}
NO_SUDO = {"sudo": "exit 1"}
ROOT, USER = {"id": "echo 0"}, {"id": "echo 1000"}


def run(folder: Path, programs: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    for tool in TOOLS:
        (folder / tool).symlink_to(shutil.which(tool) or tool)
    for name, script in programs.items():
        (folder / name).unlink(missing_ok=True)
        (folder / name).write_text(f"#!{shutil.which('bash')}\n{script}\n")
        (folder / name).chmod(0o755)
    environment = {"PATH": str(folder)}
    return subprocess.run(command, cwd=PROJECT_DIR, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("user", [ROOT, USER | SUDO])
def test_debians_browser_is_installed_by_who_may(tmp_path: Path, user: dict[str, str]) -> None:
    done = run(tmp_path, APT | user, "scripts/install_browser")
    assert (done.returncode, done.stderr) == (0, "")
    installed = (tmp_path / "installed").read_text().splitlines()
    assert installed == ["update -qq", "install -y -qq chromium chromium-driver"]


@pytest.mark.parametrize("user", [USER, USER | APT, USER | APT | NO_SUDO, ROOT])
def test_a_missing_browser_is_reported_at_once(tmp_path: Path, user: dict[str, str]) -> None:
    done = run(tmp_path, user | {"chromium": ""}, "make", "test", f"VENV={tmp_path}/.venv")
    assert done.returncode and "Missing: chromedriver." in done.stderr
    assert "sudo apt-get install chromium chromium-driver" in done.stderr
    # Before anything is set up, within the first second.
    assert "Setting up" not in done.stdout and not (tmp_path / ".venv").exists()


def test_a_browser_that_is_there_stays(tmp_path: Path) -> None:
    done = run(tmp_path, APT | ROOT | BROWSER, "scripts/install_browser")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("version", ["3.10", "3.14", ""])
def test_without_a_suitable_python_it_says_how_to_get_one(tmp_path: Path, version: str) -> None:
    # A Python of another version with pip, or none.
    code = f"""import sys; sys.modules['pip'] = sys; sys.version_info = ({version.replace(".", ", ")}, 0)"""
    python = {"python3": f'exec \'{sys.executable}\' -c "{code}; exec(sys.argv[1])" "$2"'} if version else {}
    done = run(tmp_path, python, "make", "run", f"VENV={tmp_path}/.venv")
    assert done.returncode and "sudo apt-get install python3 python3-pip" in done.stderr
    assert "pyenv install 3.13" in done.stderr and "make PYTHON=/path/to/python3" in done.stderr
