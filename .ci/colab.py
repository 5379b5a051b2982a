"""Run the first cell of the tutorials as Colab would: without a network, with a wheel to upload, and with a network.

    python .ci/colab.py dist/qssl-….whl

In an environment with pip and everything that the wheel asks for, but without it. The module `google.colab` is a stand-in, and the
repository is the checkout itself, put in place of its address by git's own means.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

from notebooks import ROOT

COLAB = '''import sys, types
files = types.SimpleNamespace(upload=lambda: {wheels})
colab = types.ModuleType("google.colab")
colab.files = files
sys.modules |= {{"google": types.ModuleType("google"), "google.colab": colab}}
sys.modules["google"].colab = colab
'''
NOWHERE = {"https_proxy": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9", "GIT_TERMINAL_PROMPT": "0"}


def setup_cells():
    "The cell of every tutorial; they differ in what they install at most."
    found = {}
    for path in sorted(ROOT.glob("nbs/tutorials/*.ipynb")):
        cells = [cell.source for cell in nbformat.read(path, 4).cells if "google.colab" in cell.source]
        if len(cells) != 1: sys.exit(f"{path.name} must have one cell for Colab, got {len(cells)}")
        found.setdefault(cells[0].rpartition("\n")[0], []).append((path.name, cells[0]))
    if len(found) != 1: sys.exit(f"the cells for Colab must be one, got {len(found)}: {[names[0][0] for names in found.values()]}")
    return next(iter(found.values()))


def run(cell, wheels=(), **env):
    "The cell in a process of its own and an empty folder, then an import; the environment is left as it was."
    code = COLAB.format(wheels=json.dumps({str(name): "" for name in wheels})) + cell
    code += "\nimport qssl\nprint('imported', qssl.__version__)"
    env = {**os.environ, "PIP_NO_DEPS": "1", **env}
    env.pop("PYTHONPATH", None)
    with tempfile.TemporaryDirectory() as place:
        done = subprocess.run([sys.executable, "-c", code], cwd=place, env=env, capture_output=True, text=True)
    subprocess.run([sys.executable, "-m", "pip", "uninstall", "-q", "-y", "qssl"], capture_output=True)
    return done


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=Path, help="wheel of the package")
    wheel = parser.parse_args().wheel.resolve()
    cell = next(source for name, source in setup_cells() if name == "quickstart.ipynb")
    done = run(cell, **NOWHERE)
    assert done.returncode and "could not be installed" in done.stdout and "Choose a wheel" in done.stdout, done
    assert "RuntimeError: qssl is not installed, and nothing below will work" in done.stderr, done.stderr
    print("no network, no wheel: stops with", done.stderr.strip().splitlines()[-1])
    done = run(cell, [wheel], **NOWHERE)
    assert not done.returncode and "imported" in done.stdout, done
    print("no network, a wheel:", done.stdout.strip().splitlines()[-1])
    instead = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"url.file://{ROOT}.insteadOf",
               "GIT_CONFIG_VALUE_0": "https://github.com/qssl-dev/qssl"}
    if (ROOT/".git").exists():
        done = run(cell, **instead)
        if "setuptools" in done.stdout: return print("a network: skipped, what builds the package cannot be had here")
        assert not done.returncode and "imported" in done.stdout and "could not" not in done.stdout, done
        print("a network:", done.stdout.strip().splitlines()[-1])


if __name__ == "__main__":
    main()
