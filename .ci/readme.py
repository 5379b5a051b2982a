"""Write README.md from nbs/index.ipynb; with --check, only compare with what is committed.

Markdown, code and text outputs go into the page; pictures go to nbs/images/index_*.png beside it, decoded from the
notebook's outputs, so the same notebook always gives the same bytes. Cells are steered by nbdev's directives:
`#| hide` (or `include: false`) drops a cell, `#| echo: false` its code, `#| output: false` its outputs,
`#| fig-alt: …` describes its picture to those who cannot see it, and goes on in lines that begin with `#|   `.
"""

import argparse
import difflib
import posixpath
import re
import sys
from pathlib import Path

import nbformat
from nbconvert import MarkdownExporter
from nbconvert.preprocessors import Preprocessor
from traitlets.config import Config

sys.path.insert(0, str(Path(__file__).resolve().parent))
from notebooks import ANSI, DIRECTIVE, ROOT, directives, joined

NOTEBOOK, PAGE, IMAGES = "nbs/index.ipynb", "README.md", "nbs/images"
LINK = re.compile(r"""(\]\(|(?:src|href)=["'])(?!(?:[a-z][a-z0-9+.-]*:|/|\#))([^)"'\s]+)""")
MIME = ["text/markdown", "image/png", "text/plain"]  # no HTML: code hosts show a data frame's style sheet as text


def outside_fences(text, change):
    "Apply `change` to the text that is not inside a fenced code block."
    parts = re.split(r"(^```.*?^```[ \t]*$)", text, flags=re.MULTILINE | re.DOTALL)
    return "".join(part if part.startswith("```") else change(part) for part in parts)


class Reader(Preprocessor):
    "Keep what a reader of the page should see."

    def preprocess(self, nb, resources):
        nb.cells = [cell for cell in nb.cells if self.wanted(cell)]
        nb.metadata["language_info"] = {"name": "python"}  # nbdev_clean takes it out; the fences need it
        return super().preprocess(nb, resources)

    def wanted(self, cell):
        "Whether the cell appears at all."
        asked = directives(cell)
        hidden = {"hide", "default_exp"} & asked.keys() or asked.get("include") == "false"
        return cell.cell_type != "raw" and bool(cell.source.strip()) and not hidden

    def preprocess_cell(self, cell, resources, index):
        "Take out directive lines, colour codes and unwanted halves; remember what pictures show."
        if cell.cell_type == "markdown":
            def below_nbs(found):
                return found[1] + posixpath.normpath(posixpath.join(posixpath.dirname(NOTEBOOK), found[2]))
            cell.source = outside_fences(cell.source, lambda text: LINK.sub(below_nbs, text))
            return cell, resources
        asked = directives(cell)
        resources.setdefault("alt", {})[str(index)] = asked.get("fig-alt", "")
        cell.source = "" if asked.get("echo") == "false" else DIRECTIVE.sub("", joined(cell.source)).strip("\n")
        if asked.get("output") == "false": cell.outputs = []
        for output in cell.outputs:
            if "text" in output: output["text"] = ANSI.sub("", output["text"])
            if "text/plain" in output.get("data", {}):
                output["data"]["text/plain"] = ANSI.sub("", output["data"]["text/plain"])
        return cell, resources


def rendered(notebook, reader, mime, **resources):
    "A notebook as Markdown and what came with it, after `reader` left what should be seen; `mime` says which outputs first."
    config = Config()
    config.NbConvertBase.display_data_priority = mime
    exporter = MarkdownExporter(config=config)
    exporter.register_preprocessor(reader(enabled=True), enabled=True)
    # ExtractOutputPreprocessor is on by default but must see the cells that the reader leaves
    exporter._preprocessors.sort(key=lambda step: not isinstance(step, reader))
    return exporter.from_notebook_node(notebook, resources)


def tidy(text):
    "Without empty fences and runs of empty lines."
    text = re.sub(r"^```python\s*```$", "", text, flags=re.MULTILINE)
    text = re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def export():
    "The page's text and its pictures: {path from the top of the project: bytes}."
    nb = nbformat.read(ROOT / NOTEBOOK, 4)
    text, resources = rendered(nb, Reader, MIME, output_files_dir=IMAGES, unique_key="index")
    alts = resources.get("alt", {})
    text = re.sub(r"!\[png\]\((\S+/index_(\d+)_\d+\.png)\)", lambda m: f"![{alts.get(m[2], '')}]({m[1]})", text)
    note = f"<!-- Written by .ci/readme.py from {NOTEBOOK}: edit the notebook, not this page. -->\n\n"
    return note + tidy(text), dict(resources.get("outputs", {}))


def broken_links(text, pictures):
    "Relative links of the page that lead nowhere."
    found = []
    outside_fences(text, lambda part: found.extend(link[1].split("#")[0] for link in LINK.findall(part)) or part)
    return sorted({link for link in found if link and link not in pictures and not (ROOT / link).exists()})


def unnamed(text):
    "Notebooks that the page does not link to."
    every = (path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "nbs").rglob("*.ipynb")))
    return [path for path in every if f"({path})" not in text and path != NOTEBOOK and ".ipynb_checkpoints" not in path]


def differences(text, pictures):
    "One line for each thing that is out of step, with a short diff for the page."
    page = ROOT / PAGE
    committed = page.read_text(encoding="utf-8") if page.exists() else ""
    if committed != text:
        diff = difflib.unified_diff(committed.splitlines(), text.splitlines(), PAGE, f"from {NOTEBOOK}", "", "", 1, "")
        yield "\n".join(list(diff)[:40])
    for name, data in pictures.items():
        if not (ROOT / name).exists(): yield f"{name} is missing"
        elif (ROOT / name).read_bytes() != data: yield f"{name} is not the notebook's picture"
    yield from (f"{path} is no longer in the notebook" for path in stale(pictures))


def stale(pictures):
    "Pictures that an earlier version of the notebook left."
    here = (path.relative_to(ROOT).as_posix() for path in sorted((ROOT / IMAGES).glob("index_*.png")))
    return [path for path in here if path not in pictures]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if README.md is out of step")
    check = parser.parse_args().check
    text, pictures = export()
    if links := broken_links(text, pictures):
        sys.exit(f"{NOTEBOOK} links to files that do not exist: {', '.join(links)}")
    if missing := unnamed(text):
        sys.exit(f"{NOTEBOOK} does not name {', '.join(missing)}")
    if check:
        if found := list(differences(text, pictures)):
            sys.exit(f"{PAGE} is not what {NOTEBOOK} says: run `python .ci/readme.py` and commit\n" + "\n".join(found))
        return
    (ROOT / PAGE).write_text(text, encoding="utf-8")
    for path in stale(pictures): (ROOT / path).unlink()
    for name, data in pictures.items():
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_bytes(data)


if __name__ == "__main__":
    main()
