"""Do the committed outputs of a notebook say what a fresh run says? Runs it in a clean kernel and compares the texts.

Words must be the same; numbers may differ by a small tolerance; times, versions, dates and memory addresses are not
compared. A cell whose numbers measure the machine says `#| varies: what` and is compared by its words alone, or, with
`#| varies: everything`, not at all. Parameters of papermill's form make long notebooks short:

  python .ci/truth.py nbs/tutorials/bring_your_own.ipynb
  python .ci/truth.py                                     # every tutorial and experiment that is quick enough
"""

import argparse
import difflib
import math
import os
import re
import sys
from pathlib import Path

import nbformat
from nbconvert.preprocessors import CellExecutionError, ExecutePreprocessor

from notebooks import ROOT
from readme import ANSI, directives

TIME = r"\d+(?:[.,]\d+)?\s?(?:h|min|minutes?|s|ms|µs|us|ns|seconds?)\b"
VERSION = r"\b\d+\.\d+\.\d+(?:[+.\w-]*)?|\bPython \d\.\d+"
DATE = r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?|\b\d\d:\d\d:\d\d\b"
PLACE = r"0x[0-9a-f]+|(?<=[\s'\"(])/[\w./-]+"
MASKED = re.compile("|".join((TIME, VERSION, DATE, PLACE)))
NUMBER = re.compile(r"(?<![\w.])[-+−]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?%?")
MIME = ("text/markdown", "text/plain")


def texts(cell):
    "What a cell printed and showed, as one text; pictures and progress bars are no text."
    found = []
    for output in cell.get("outputs", []):
        if output.output_type == "stream" and output.name == "stdout": found.append(output.text)
        elif output.output_type in ("display_data", "execute_result"):
            kind = next((kind for kind in MIME if kind in output.data), None)
            if kind and not any(mime.startswith("image/") for mime in output.data): found.append(output.data[kind])
    return ANSI.sub("", "".join(found))


def parts(text):
    "Words without what is never compared, and the numbers among them."
    text = MASKED.sub("…", text)
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
        if same and varies is None:
            pairs = zip(old[1], new[1])
            same = all(math.isclose(a, b, rel_tol=tolerance, abs_tol=tolerance) or a != a for a, b in pairs)
        if same: continue
        lines = difflib.unified_diff(was.splitlines(), now.splitlines(), "committed", "fresh", "", "", 0, "")
        yield f"cell {number}:\n" + "\n".join("    " + line[:160] for line in list(lines)[:12])


def run(path, timeout, folder):
    "The notebook as a clean kernel executes it, in a folder of its own kind."
    nb = nbformat.read(path, 4)
    for cell in nb.cells:
        if cell.cell_type == "code": cell.outputs = []
    runner = ExecutePreprocessor(timeout=timeout, kernel_name="python3", store_widget_state=False, record_timing=False)
    runner.preprocess(nb, {"metadata": {"path": str(folder)}})
    return nb


def chosen():
    "Notebooks beside the rooms that are not marked as long."
    found = sorted([*ROOT.glob("nbs/tutorials/*.ipynb"), *ROOT.glob("nbs/experiments/*.ipynb")])
    return [path for path in found if "long: true" not in path.read_text(encoding="utf-8")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebooks", nargs="*", type=Path, help="notebooks to check")
    parser.add_argument("--tolerance", type=float, default=.02, help="of numbers, relative and absolute (default: 0.02)")
    parser.add_argument("--timeout", type=int, default=1800, help="seconds that one cell may take (default: 1800)")
    args = parser.parse_args()
    os.environ["IN_TEST"] = "1"  # nbdev_export at a notebook's end must not rewrite the package
    os.environ.setdefault("PYTHONPATH", str(ROOT))
    wrong = 0
    for path in args.notebooks or chosen():
        try: fresh = run(path, args.timeout, path.resolve().parent)
        except CellExecutionError as error: found = [f"fails: {str(error).strip().splitlines()[-1]}"]
        else: found = list(differences(nbformat.read(path, 4), fresh, args.tolerance))
        print(f"{path}: {len(found)} of its texts have changed" if found else f"{path}: true", flush=True)
        for text in found: print("  " + text)
        wrong += bool(found)
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
