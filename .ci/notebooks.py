"""Look after what is committed: `check` finds what must not land, `tested` lists the notebooks nbdev_test runs."""

import argparse
import re
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
PLACES = "work tmp root home Users mnt scratch"  # where a path names somebody's machine
MACHINE_PATH = re.compile(rf"(?<![\w.~$)}}-])/(?:{PLACES.replace(' ', '|')})/[\w.-]+")
SMALL = re.compile(r"\b(?:fontsize|labelsize|titlesize)=[\"']?(\d(?:\.\d+)?|(?:xx?-)?small)\b")  # letters under ten points
WIDGET = "application/vnd.jupyter.widget"
CONTINUED = re.compile(r"\n#\|[ \t]{3,}")  # a directive's text goes on in the next line, indented
DIRECTIVE = re.compile(r"^#\|[ \t]*([\w-]+)[ \t]*:?[ \t]*(.*)$", re.MULTILINE)
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def directives(cell):
    "The cell's `#| key: value` lines as a dict; of a key that stands there twice, the last value."
    return {key: value.strip() for key, value in DIRECTIVE.findall(joined(cell.source))} if cell.cell_type == "code" else {}


def joined(source):
    "A cell's source with every directive on one line."
    return CONTINUED.sub(" ", source)


def tested():
    "Paths of the notebooks that `nbdev_test` executes: not beside .notest, not with `skip_exec: true`."
    from nbdev.doclinks import nbglob
    from nbdev.frontmatter import FrontmatterProc
    from nbdev.process import NBProcessor
    paths = [path.absolute() for path in nbglob(as_path=True).sorted() if not (path.parent / ".notest").exists()]
    def skipped(path):
        front = getattr(NBProcessor(path, procs=FrontmatterProc, process=True).nb, "frontmatter_", {})
        return str(front.get("skip_exec", False)).lower() in ("true", "yes", "1")
    return [path for path in paths if not skipped(path)]


def texts(nb):
    "Every text of a notebook with the cell it stands in; pictures in base64 are no text."
    for index, cell in enumerate(nb.cells):
        yield index, cell.source
        for output in cell.get("outputs", []):
            yield index, "".join(output.get("text", ""))
            data = output.get("data", {})
            yield from ((index, str(data[mime])) for mime in data if mime == "image/svg+xml" or "image/" not in mime)


def notebook_problems(path):
    "What is wrong with one notebook, a line for each thing."
    try:
        nb = nbformat.read(path, 4)
        nbformat.validate(nb)
    except Exception as error:
        yield f"not a valid notebook: {str(error).splitlines()[0]}"
        return
    if "widgets" in nb.metadata: yield "widget state in the notebook's metadata"
    for index, cell in enumerate(nb.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "error": yield f"cell {index}: error output {output.ename}: {output.evalue}"
            if any(mime.startswith(WIDGET) for mime in output.get("data", {})): yield f"cell {index}: widget output"
        if cell.cell_type == "code":
            for found in SMALL.findall(cell.source): yield f"cell {index}: letters of {found} points, ten are the least"
    for index, text in texts(nb):
        for found in MACHINE_PATH.findall(text): yield f"cell {index}: path of a machine, {found}"


def text_problems(path):
    "Machine paths in a file that is no notebook; files that are not UTF-8 text are pictures and the like."
    try: lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError: return
    for number, line in enumerate(lines, 1):
        for found in MACHINE_PATH.findall(line): yield f"line {number}: path of a machine, {found}"


def check(paths):
    "Print every problem of the files; return how many there were."
    found = 0
    for path in paths:
        for problem in (notebook_problems if path.suffix == ".ipynb" else text_problems)(path):
            print(f"{path}: {problem}")
            found += 1
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=["check", "tested"])
    parser.add_argument("files", nargs="*", type=Path, help="files to check")
    args = parser.parse_args()
    if args.action == "tested": print(*(path.relative_to(ROOT) for path in tested()), sep="\n")
    elif check(args.files): sys.exit(1)


if __name__ == "__main__":
    main()
