"""Write the documentation's pages into _docs/pages and its mkdocs.yml: notebooks as Markdown, the reference from source.

Notebooks are shown as `.ci/readme.py` shows the front page: the same directives, pictures with their text alternatives.
The reference is read from the exported modules without importing them: signature, the comment of each parameter,
docstring, and a link to the place in the notebook that it comes from.
"""

import ast
import html
import io
import posixpath
import re
import shutil
import subprocess
import sys
import tokenize
from configparser import ConfigParser
from pathlib import Path

import nbformat
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent))
from notebooks import DIRECTIVE, ROOT, joined
from readme import LINK, Reader, outside_fences, rendered, tidy

OUT = ROOT / "_docs"
PAGES = OUT / "pages"
MIME = ["text/markdown", "text/html", "image/png", "text/plain"]
HOW_TO = ["explanations/first_half_hour", "tutorials/cluster_batches", "experiments/pair", "experiments/report"]
EXPLAIN = ["explanations/*", "experiments/*"]
DATASETS = ["Digits", "MNIST", "FashionMNIST", "KMNIST"]
PICTURE = re.compile(r"!\[(?:png|svg|jpeg)\]\((\S+?_(\d+)_\d+\.\w+)\)")
BADGE = re.compile(r"\[!\[([^\]]*)\]\(https?://[^)]*\)\]\(([^)]*)\)")  # a picture from elsewhere that is a link
CELL = re.compile(r"^# %% (\S+\.ipynb) #(\w+)$")

config = ConfigParser(delimiters=["="], interpolation=None)
config.read(ROOT / "settings.ini", encoding="utf-8")
cfg = config["DEFAULT"]


# Notebooks ------------------------------------------------------------------------------------------------------------

def notebooks():
    "Every notebook of the project, by its path below nbs/ without the ending."
    found = (path.relative_to(ROOT / "nbs") for path in (ROOT / "nbs").rglob("*.ipynb"))
    hidden = ("fixtures", ".ipynb_checkpoints")
    return sorted(path.with_suffix("").as_posix() for path in found if not set(hidden) & set(path.parts))


def page_of(name):
    "Where the page of a notebook lies below the site's pages."
    return f"{name}.md" if "/" in name or name == "index" else f"rooms/{name}.md"


def moved(link, page, known):
    "A relative link of a notebook, from its page: to another page, or to the file in the repository."
    path, _, anchor = link.partition("#")
    if not path: return link
    name = posixpath.normpath(posixpath.join(posixpath.dirname(page["source"]), path))
    anchor = "#" + anchor if anchor else ""
    target = name.removeprefix("nbs/").removesuffix(".ipynb")
    if name.endswith(".ipynb") and target in known:
        return posixpath.relpath(page_of(target), posixpath.dirname(page["path"]) or ".") + anchor
    if name in ("CONTRIBUTING.md", "CHANGELOG.md"):
        return posixpath.relpath(name.lower(), posixpath.dirname(page["path"]) or ".") + anchor
    kind = "tree" if (ROOT / name).is_dir() else "blob"
    return f"{cfg['git_url']}/{kind}/{cfg['branch']}/{name}{anchor}"


def relink(text, page, known):
    "Markdown with its relative links moved."
    return outside_fences(text, lambda part: LINK.sub(lambda m: m[1] + moved(m[2], page, known), part))


class SiteReader(Reader):
    "As the front page's, but the title comes first, links lead to the site's own pages, and each picture has its words."

    def preprocess(self, nb, resources):
        titled = next((cell for cell in nb.cells if cell.cell_type == "markdown" and re.match(r"#\s", cell.source)), None)
        nb.cells = [cell for cell in nb.cells if cell is titled] + [cell for cell in nb.cells if cell is not titled]
        return super().preprocess(nb, resources)

    def preprocess_cell(self, cell, resources, index):
        if cell.cell_type == "markdown":
            cell.source = BADGE.sub(r"[\1](\2)", relink(cell.source, resources["page"], resources["known"]))
            return cell, resources
        spoken = [words.strip() for key, words in DIRECTIVE.findall(joined(cell.source)) if key == "fig-alt"]
        cell, resources = super().preprocess_cell(cell, resources, index)
        resources["alt"][str(index)] = spoken
        for output in cell.outputs:
            if "text/html" in output.get("data", {}): output["data"]["text/html"] = plain_table(output["data"])
        return cell, resources


def plain_table(data):
    "A data frame's HTML without its style sheet, borders and classes; anything else in HTML as its text."
    found = data["text/html"]
    if "<table" not in found:
        return f"<pre>{html.escape(data.get('text/plain', ''))}</pre>"
    found = re.sub(r"<style.*?</style>", "", found, flags=re.DOTALL)
    found = re.sub(r"<(table|tr|th|td)\b[^>]*?(\s(?:col|row)span=\"?\d+\"?)?[^>]*>", r"<\1\2>", found)
    return re.sub(r"\n\s*", "\n", found).strip()


def made(source, nb):
    "The line that says with which version and on which data a page's outputs were made."
    stamp = subprocess.run(["git", "log", "-1", "--format=%h, %cs", "--", source], cwd=ROOT, capture_output=True, text=True)
    code = "\n".join(cell.source for cell in nb.cells if cell.cell_type == "code")
    data = [name for name in DATASETS if re.search(rf"(?<![A-Za-z]){name}(?![A-Za-z])", code)]
    words = [f"{cfg['lib_name']} {cfg['version']}", stamp.stdout.strip() and f"commit {stamp.stdout.strip()}"]
    words += [f"data: {', '.join(data) or 'made on the spot'}"]
    return "; ".join(filter(None, words))


def spoken_of(alts):
    "A function that gives the pictures of a cell their texts, one after the other; the last one serves for the rest."
    left = {index: list(words) for index, words in alts.items()}
    def named(found):
        words = left.get(found[2]) or [""]
        text = words.pop(0) if len(words) > 1 else words[0]
        return f"![{text}]({found[1]})"
    return named


def notebook_page(name, known):
    "Text and pictures of one page: (Markdown, {path below the pages: bytes})."
    source = f"nbs/{name}.ipynb"
    page = {"source": source, "path": page_of(name)}
    nb = nbformat.read(ROOT / source, 4)
    stem = posixpath.basename(name)
    text, resources = rendered(nb, SiteReader, MIME, output_files_dir=f"{stem}_files", unique_key=stem, page=page, known=known)
    text = tidy(PICTURE.sub(spoken_of(resources.get("alt", {})), text))
    foot = f'<p markdown class="made">Outputs made with {made(source, nb)}. [The notebook]({notebook_link(source)}).</p>'
    folder = posixpath.dirname(page["path"])
    pictures = {posixpath.join(folder, where): data for where, data in resources.get("outputs", {}).items()}
    script, files = beside(name)
    return f"{text}\n{foot}\n{script}", pictures | files


def beside(name):
    "A page that is alive has a script beside its notebook, and what the script reads: (Markdown, {path below the pages: bytes})."
    script = ROOT/f"nbs/{name}.js"
    if not script.exists(): return "", {}
    data = script.with_suffix(".json").read_text(encoding="utf-8").replace("</", "<\\/")
    stem = posixpath.basename(name)
    text = f'\n<script type="application/json" id="{stem}_data">{data}</script>\n<script src="../{stem}.js"></script>\n'
    return text, {f"{name}.js": script.read_bytes()}


def notebook_link(source):
    "Where a notebook lies in the repository."
    return f"{cfg['git_url']}/blob/{cfg['branch']}/{source}"


def title(name):
    "A notebook's first heading."
    for cell in nbformat.read(ROOT / f"nbs/{name}.ipynb", 4).cells:
        found = re.search(r"^# (.+)$", cell.source, re.MULTILINE) if cell.cell_type == "markdown" else None
        if found: return found[1].replace("`", "").strip()
    return posixpath.basename(name)


# Reference ------------------------------------------------------------------------------------------------------------

def headings(name):
    "Cell id -> the heading above it, as an anchor."
    found, last = {}, ""
    for cell in nbformat.read(ROOT / f"nbs/{name}.ipynb", 4).cells:
        if cell.cell_type == "markdown":
            for line in re.findall(r"^#+ (.+)$", cell.source, re.MULTILINE): last = slug(line)
        found[cell.get("id", "")] = last
    return found


def slug(heading):
    "The anchor that Python-Markdown gives a heading."
    from markdown.extensions.toc import slugify
    return slugify(re.sub(r"[`*]|\[(.*?)\]\(.*?\)", r"\1", heading), "-")


def comments(source):
    "Line number -> the comment on it."
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.start[0]: token.string.lstrip("# ").strip() for token in tokens if token.type == tokenize.COMMENT}


def value_table(rows):
    "Name, type, default and meaning of each parameter as Markdown."
    lines = ["| | type | default | |", "|---|---|---|---|"]
    for name, kind, default, words in rows:
        code = [f"`{part}`" if part else "" for part in (name, kind, default)]
        words = html.escape(words, quote=False).replace("|", "\\|")
        lines.append(f"| {code[0]} | {code[1]} | {code[2]} | {words} |")
    return "\n".join(lines)


def on_one_line(function):
    "Whether a signature has only one line, and so one comment, that says what comes back."
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    nothing = function.returns is None or ast.unparse(function.returns) == "None"
    return not nothing and {arg.end_lineno for arg in arguments} == {function.returns.end_lineno}


def parameters(function, words):
    "Rows of `value_table`: every parameter but self, then what comes back."
    spec = function.args
    named = [*spec.posonlyargs, *spec.args]
    defaults = [None]*(len(named) - len(spec.defaults)) + spec.defaults
    entries = [("", arg, default) for arg, default in zip(named, defaults)]
    if spec.vararg: entries.append(("*", spec.vararg, None))
    entries += [("", arg, default) for arg, default in zip(spec.kwonlyargs, spec.kw_defaults)]
    if spec.kwarg: entries.append(("**", spec.kwarg, None))
    rows = []
    for star, arg, default in entries:
        if arg.arg in ("self", "cls"): continue
        kind = ast.unparse(arg.annotation) if arg.annotation else ""
        line = (default or arg).end_lineno
        rows.append((star + arg.arg, kind, ast.unparse(default) if default else "", words.get(line, "")))
    first = function.body[0].lineno
    here = max((line for line in words if function.lineno <= line < first), default=0)
    last = max([function.lineno, *((default or arg).end_lineno for _, arg, default in entries)])
    returned = words.get(here, "") if here >= last and (not rows or words[here] != rows[-1][3]) else ""
    if on_one_line(function) and here == last:  # "(b, n) -> (b,)", or about what comes back alone
        before, arrow, after = words[here].rpartition(" -> ")
        if before == "name": before, after = "", words[here]  # a dictionary
        if arrow or re.match(r"\(|In nats", after):
            rows = [(*row[:3], "" if row[1] == "int" else before) for row in rows]
            returned = after
    if function.returns or returned:
        rows.append(("returns", ast.unparse(function.returns) if function.returns else "", "", returned))
    return rows


def entry(node, words, where, depth=3, owner=""):
    "One public function or class as Markdown."
    name = owner + node.name
    kind = "class " if isinstance(node, ast.ClassDef) else ""
    lines = [f"{'#'*depth} `{kind}{name}` {{ #{name.replace('__', '')} }}", "", ast.get_docstring(node) or "", ""]
    if isinstance(node, ast.ClassDef):
        fields = [item for item in node.body if isinstance(item, ast.AnnAssign)]
        rows = [(item.target.id, ast.unparse(item.annotation), ast.unparse(item.value) if item.value else "",
            words.get(item.end_lineno, "")) for item in fields]
        methods = [item for item in node.body if isinstance(item, ast.FunctionDef)]
        for method in methods:
            if method.name == "__init__": rows = parameters(method, words)
        if rows: lines += [value_table(rows), ""]
        if where: lines += [where, ""]
        for method in methods:
            shown = not method.name.startswith("_") or method.name == "__call__"
            if shown and (ast.get_docstring(method) or method.name in ("forward", "__call__")):
                lines += [entry(method, words, "", depth + 1, node.name + ".")]
    else:
        rows = parameters(node, words)
        if rows: lines += [value_table(rows), ""]
        if where: lines += [where, ""]
    return "\n".join(lines)


def names_of(node):
    "What a statement of a module defines."
    if hasattr(node, "name"): return [node.name]
    if isinstance(node, ast.ImportFrom): return [found.asname or found.name for found in node.names]
    return [part.id for target in getattr(node, "targets", []) for part in ast.walk(target) if isinstance(part, ast.Name)]


def as_in(node):
    "Where a name comes from that a module offers on."
    return f"From [`{node.module}`]({node.module}.md)."


def reference_page(module, known):
    "The reference of one module; None where it offers nothing."
    source = (ROOT / cfg["lib_path"] / f"{module}.py").read_text(encoding="utf-8")
    tree = ast.parse(source)
    offered = next((ast.literal_eval(node.value) for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"), [])
    if not offered: return None
    words = comments(source)
    cells = {number: match.groups() for number, line in enumerate(source.splitlines(), 1) if (match := CELL.match(line))}
    notebook = next(iter(cells.values()))[0].removeprefix("../nbs/").removesuffix(".ipynb") if cells else None
    anchors = headings(notebook) if notebook in known else {}
    text = [f"# {cfg['lib_name']}.{module}", "", f"> {ast.get_docstring(tree) or ''}", ""]
    for node in tree.body:
        names = [name for name in names_of(node) if name in offered]
        if not names: continue
        cell = next((cells[line] for line in sorted(cells, reverse=True) if line <= node.lineno), None)
        anchor = anchors.get(cell[1], "") if cell else ""
        where = f"[In the notebook](../{page_of(notebook)}{'#' + anchor if anchor else ''})" if anchors else ""
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)): text += [entry(node, words, where)]
        else:
            shown = ast.unparse(node.value) if hasattr(node, "value") else ""
            value = shown if len(shown) <= 80 else shown[:77] + "…"
            value = f"`{value}` {words.get(node.end_lineno, '')}" if not isinstance(node, ast.ImportFrom) else as_in(node)
            for name in names: text += [f"### `{name}` {{ #{name} }}", "", value, "", where, ""]
    return "\n".join(text) + "\n"


# The site -------------------------------------------------------------------------------------------------------------

def matching(patterns, names):
    "Names that fit one of the patterns, in the order of the patterns, each once."
    from fnmatch import fnmatchcase
    found = [name for pattern in patterns for name in names if fnmatchcase(name, pattern)]
    return list(dict.fromkeys(found))


def navigation(known, modules):
    "What stands at the side: tutorials, how-tos, explanations and reference apart."
    how_to = matching(HOW_TO, known)
    explain = [name for name in matching(EXPLAIN, known) if name not in how_to]
    order = ["tutorials/quickstart", "tutorials/try_it", "tutorials/bring_your_own", "tutorials/quantum_layer", "tutorials/*"]
    tutorials = [name for name in matching(order, known) if name not in how_to + explain]
    rooms = [name for name in known if "/" not in name and name != "index"]
    def pages(names): return [{title(name): page_of(name)} for name in names]
    return [{"Home": "index.md"}, {"Tutorials": pages(tutorials)},
        {"How-to": [*pages(how_to), {"Contributing": "contributing.md"}]},
        {"Explanations": [*pages(explain), {"Changelog": "changelog.md"}]},
        {"Reference": [{module: f"reference/{module}.md"} for module in modules]}, {"Rooms": pages(rooms)}]


def mkdocs_config(nav):
    "mkdocs.yml as a dictionary; nothing in it is fetched from elsewhere."
    def palette(scheme, media, icon, to):
        return {"scheme": scheme, "media": media, "primary": "indigo", "toggle": {"icon": icon, "name": f"Switch to {to} mode"}}
    return {
        "site_name": cfg["title"], "site_description": cfg["description"],
        "site_url": f"{cfg['doc_host']}{cfg['doc_baseurl']}/",
        "extra": {"social": [{"icon": "fontawesome/brands/github", "link": cfg["git_url"], "name": "Source"}]},
        "docs_dir": "pages", "site_dir": "site", "nav": nav, "use_directory_urls": True,
        "hooks": ["../.ci/site_hooks.py"], "extra_css": ["site.css"], "plugins": ["search"],
        "theme": {"name": "material", "font": False, "features": ["navigation.tabs", "navigation.top", "content.code.copy",
            "toc.follow", "search.highlight"], "palette": [
                palette("default", "(prefers-color-scheme: light)", "material/weather-night", "dark"),
                palette("slate", "(prefers-color-scheme: dark)", "material/weather-sunny", "light")]},
        "markdown_extensions": ["attr_list", "md_in_html", "tables", "admonition", {"toc": {"permalink": True}},
            {"pymdownx.highlight": {"anchor_linenums": False}}, "pymdownx.superfences",
            {"pymdownx.arithmatex": {"generic": True}}],
        "validation": {"links": {"anchors": "warn", "not_found": "warn", "unrecognized_links": "warn"}},
    }


def write(path, content):
    "A file below the pages."
    path = PAGES / path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def main():
    shutil.rmtree(PAGES, ignore_errors=True)
    known = notebooks()
    for name in known:
        text, pictures = notebook_page(name, known)
        write(page_of(name), text)
        for path, data in pictures.items(): write(path, data)
    modules = []
    for path in sorted((ROOT / cfg["lib_path"]).glob("*.py")):
        text = None if path.stem.startswith("_") else reference_page(path.stem, known)
        if text is None: continue
        modules.append(path.stem)
        write(f"reference/{path.stem}.md", text)
    for name in ("CONTRIBUTING.md", "CHANGELOG.md"):
        page = {"source": name, "path": name.lower()}
        write(name.lower(), relink((ROOT / name).read_text(encoding="utf-8"), page, known))
    write("site.css", (ROOT / ".ci/site.css").read_bytes())
    settings = yaml.safe_dump(mkdocs_config(navigation(known, modules)), sort_keys=False, allow_unicode=True)
    (OUT / "mkdocs.yml").write_text(settings, encoding="utf-8")
    print(f"{len(known)} notebooks, {len(modules)} modules")


if __name__ == "__main__":
    main()
