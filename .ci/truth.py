"""Do the committed outputs of a notebook say what a fresh run says? Papermill executes it in a clean kernel; texts are compared.

Words must be the same; numbers may differ by a small tolerance; times with a unit or in a column named after it, their
ratios ("3 times as long"), versions, dates, addresses in memory, paths and names made of paths are not compared. A cell
whose numbers hang on the machine (times, or a short training, which another processor rounds to another end) says `#|
varies: what` and is compared by its words alone, or, with `#| varies: everything`, not at all. Where a page was made
from other files of a dataset than those at hand, it must run, and its numbers are not compared.

A page whose outputs come from a long run names the command in a line of its own, as in

    Outputs on this page: `papermill heads.ipynb heads.out.ipynb -p smoke False`

Such a page runs as it stands, quickly, and only has to come to its end; with --whole it runs as the command says and is
compared like the others.

  python .ci/truth.py nbs/tutorials/bring_your_own.ipynb
  python .ci/truth.py                    # every tutorial, experiment and explanation
  python .ci/truth.py nbs/*.ipynb        # the rooms, and the front page
  python .ci/truth.py --installed        # with the installed package, in a folder without the checkout
  python .ci/truth.py --whole            # long pages, too
"""

import argparse
import difflib
import math
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import papermill
import yaml

from notebooks import ANSI, ROOT, directives

TIME = r"\d+(?:[.,]\d+)?\s?(?:h|min|minutes?|s|ms|µs|us|ns|seconds?)\b"
RATIO = r"\b\d+(?:[.,]\d+)? times (?:as (?:long|fast)|longer|faster|slower)\b"
VERSION = r"\b\d+\.\d+\.\d+(?:[+.\w-]*)?|\bPython \d\.\d+"
DATE = r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?|\b\d\d:\d\d:\d\d\b"
PLACE = r"0x[0-9a-f]+|(?<=[\s'\"(])/[\w./-]+|\bqssl_part_\w+"  # a part's private name is made of its path
COLUMN = re.compile(r"(?<!\d)(?<!\d )\b(?:seconds|ms|µs)(?= |$)")  # above a column of times in a printed table
MASKED = re.compile("|".join((TIME, RATIO, VERSION, DATE, PLACE)))
ADDRESS = re.compile(r" at 0x[0-9a-f]+")  # which cleaning takes out of committed outputs
NUMBER = re.compile(r"(?<![\w.])[-+−]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?%?")
MIME = ("text/markdown", "text/plain")
SOURCE = re.compile(r"\b(?:MNIST|FashionMNIST|KMNIST), (?:not the )?official files(?: \([^)]*\))?")
MADE = re.compile(r"^Outputs on this page: `(.+)`", re.MULTILINE)


def texts(cell):
    "What a cell printed and showed, as one text; pictures and progress bars are no text."
    found = []
    for output in cell.get("outputs", []):
        if output.output_type == "stream" and output.name == "stdout": found.append(output.text)
        elif output.output_type in ("display_data", "execute_result"):
            kind = next((kind for kind in MIME if kind in output.data), None)
            if kind and not any(mime.startswith("image/") for mime in output.data): found.append(output.data[kind])
    return ADDRESS.sub("", ANSI.sub("", "".join(found)))


def without_times(text):
    "Printed tables without what stands below `seconds`, `ms` or `µs`; columns are flush right, and an empty line ends a table."
    lines, ends = [], []
    for line in text.splitlines():
        if not line.strip(): ends = []
        headers = [found.end() for found in COLUMN.finditer(line)]
        if headers: ends = headers
        else:
            for end in reversed(ends):
                if line[end:end + 1].strip() == "": line = re.sub(r"\S+$", "…", line[:end]) + line[end:]
        lines.append(line)
    return "\n".join(lines)


def parts(text):
    "Words without what is never compared, and the numbers among them."
    text = MASKED.sub("…", without_times(text))
    numbers = [value(found) for found in NUMBER.findall(text)]
    return re.sub(r"[\s─━=-]+", " ", NUMBER.sub("#", text)).strip(), numbers


def value(text):
    "A printed number."
    text = text.replace("−", "-").rstrip("%")
    if re.fullmatch(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", text): text = text.replace(",", "")
    try: return float(text.replace(",", "."))
    except ValueError: return math.nan


def differences(committed, fresh, tolerance):
    "A few lines for each cell whose fresh output is another one."
    for number, (one, two) in enumerate(zip(committed.cells, fresh.cells)):
        if one.cell_type != "code": continue
        varies = directives(one).get("varies")
        if varies == "everything": continue
        was, now = texts(one), texts(two)
        old, new = parts(was), parts(now)
        same = old[0] == new[0]
        if varies: same = sorted(old[0].split()) == sorted(new[0].split())  # longer times break a wide table elsewhere
        if same and varies is None:
            pairs = zip(old[1], new[1])
            same = all(math.isclose(a, b, rel_tol=tolerance, abs_tol=tolerance) or a != a for a, b in pairs)
        if same: continue
        lines = difflib.unified_diff(was.splitlines(), now.splitlines(), "committed", "fresh", "", "", 0, "")
        yield f"cell {number}:\n" + "\n".join("    " + line[:160] for line in list(lines)[:12])


def sources(nb):
    "Which files of the datasets a page says that it was made from."
    return {found for cell in nb.cells for found in SOURCE.findall(texts(cell))} if nb else set()


def made_by(nb):
    "How a long page's outputs were made: command before it, environment, parameters; None for a page that is quick."
    found = [MADE.search(cell.source) for cell in nb.cells if cell.cell_type == "markdown"]
    line = next((match[1] for match in found if match), None)
    if line is None: return None
    before, _, command = line.rpartition("&&")
    words = shlex.split(command)
    first = words.index("papermill")
    env = dict(word.split("=", 1) for word in words[:first])
    parser = argparse.ArgumentParser(prog="papermill", exit_on_error=False)
    parser.add_argument("notebooks", nargs=2)
    parser.add_argument("-p", nargs=2, action="append", default=[])
    given = parser.parse_args(words[first + 1:]).p
    return before, env, {name: yaml.safe_load(value) for name, value in given}


def run(path, timeout, folder, env, parameters):
    "The notebook as a clean kernel executes it in a folder, without the cell that papermill adds."
    with tempfile.TemporaryDirectory() as place:
        out = Path(place)/"out.ipynb"
        held = dict(os.environ)
        os.environ.update(env)
        try:
            papermill.execute_notebook(path, out, parameters, kernel_name="python3", language="python", cwd=folder,
                execution_timeout=timeout, progress_bar=False)
        finally:
            os.environ.clear()
            os.environ.update(held)
        nb = nbformat.read(out, 4)
    nb.cells = [cell for cell in nb.cells if "injected-parameters" not in cell.metadata.get("tags", [])]
    return nb


def verdict(path, folder, args):
    "What is to be said of one page, and the lines that say what is wrong with it."
    committed = nbformat.read(path, 4)
    command = made_by(committed)
    whole = command is not None and args.whole
    before, env, parameters = command if whole else ("", {}, {})
    try:
        if before: subprocess.run(before, shell=True, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        fresh = run(path, args.timeout, folder, env, parameters)
    except Exception as error: return "fails", [str(error).strip()[-1500:]]
    if command is not None and not whole: return "runs; its outputs come from a longer run", []
    here, there = sources(committed), sources(fresh)
    if here != there: return f"runs; it was made from other files ({', '.join(sorted(here - there)) or 'none'})", []
    found = list(differences(committed, fresh, args.tolerance))
    return (f"{len(found)} of its texts have changed" if found else "true"), found


def beside(place):
    "What lies beside the notebooks, for them to run beside, so that nothing they write lands in the checkout."
    shutil.copytree(ROOT/"nbs", place/"nbs", ignore=shutil.ignore_patterns("*.ipynb", "__pycache__"))
    return place/"nbs"


def needs_installed(place):
    "The package must come from the environment, not from the checkout."
    os.environ.pop("PYTHONPATH", None)
    said = subprocess.run([sys.executable, "-c", "import qssl; print(qssl.__file__)"], cwd=place, capture_output=True, text=True)
    if said.returncode or ROOT in Path(said.stdout.strip()).parents:
        sys.exit(f"qssl must be installed for --installed, got {said.stdout.strip() or said.stderr.strip().splitlines()[-1]}")


def chosen():
    "Notebooks beside the rooms."
    folders = ("tutorials", "experiments", "explanations")
    return sorted(path for folder in folders for path in ROOT.glob(f"nbs/{folder}/*.ipynb"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebooks", nargs="*", type=Path, help="notebooks to check")
    parser.add_argument("--installed", action="store_true", help="run the installed package, without the checkout")
    parser.add_argument("--whole", action="store_true", help="run long pages by the command that they name")
    parser.add_argument("--tolerance", type=float, default=.02, help="of numbers, relative and absolute (default: 0.02)")
    parser.add_argument("--timeout", type=int, default=1800, help="seconds that one cell may take (default: 1800)")
    args = parser.parse_args()
    os.environ["IN_TEST"] = "1"  # nbdev_export at a notebook's end must not rewrite the package
    wrong = 0
    with tempfile.TemporaryDirectory() as place:
        if args.installed: needs_installed(place)
        else: os.environ["PYTHONPATH"] = str(ROOT)
        folder = beside(Path(place))
        for path in args.notebooks or chosen():
            began = time.monotonic()
            path = path.resolve()
            said, found = verdict(path, folder/path.parent.relative_to(ROOT/"nbs"), args)
            print(f"{path.relative_to(ROOT)}: {said} ({time.monotonic() - began:.0f} s)", flush=True)
            for text in found: print("  " + text)
            wrong += bool(found)
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
