"""Bring everything in step: export, run the notebooks in place, clean them, write README.md.

Without arguments every notebook runs that `nbdev_test` would run; name notebooks to run only those, whatever folder
they are in. A notebook that fails stays as it was on disk.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

import nbformat
from nbconvert.preprocessors import CellExecutionError, ExecutePreprocessor

from notebooks import ROOT, tested


def bin(name):
    "A command of the environment that runs this file."
    return str(Path(sys.executable).parent / name)


def execute(path, timeout):
    "Run one notebook where it lies and write it back with its outputs."
    nb = nbformat.read(path, 4)
    runner = ExecutePreprocessor(timeout=timeout, kernel_name="python3", store_widget_state=False, record_timing=False,
                                 coalesce_streams=True)
    runner.preprocess(nb, {"metadata": {"path": str(path.parent)}})
    nbformat.write(nb, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="notebooks to run (default: all that are tested)")
    parser.add_argument("--timeout", type=int, default=1800, help="seconds that one cell may take (default: 1800)")
    args = parser.parse_args()
    paths = [path.resolve() for path in args.notebooks]
    os.chdir(ROOT)
    os.environ.pop("IN_TEST", None)
    os.environ["PYTHONPATH"] = str(ROOT)  # run this checkout's package, wherever else one is installed
    subprocess.run([bin("nbdev_export")], check=True)
    failed = []
    for path in paths or tested():
        start = time.time()
        # nbdev_export at a notebook's end must not rewrite the package while it runs
        os.environ["IN_TEST"] = "1"
        try: execute(path, args.timeout)
        except CellExecutionError as error:
            failed.append(path.relative_to(ROOT))
            print(error, file=sys.stderr)
        del os.environ["IN_TEST"]
        print(f"{path.relative_to(ROOT)}: {time.time() - start:.0f} s", flush=True)
    for command in ([bin("nbdev_clean")], [bin("nbdev_export")], [sys.executable, ".ci/readme.py"]):
        subprocess.run(command, check=True)
    if failed: sys.exit(f"failed and left as before: {', '.join(map(str, failed))}")


if __name__ == "__main__":
    main()
