"""Count what the reference lacks: public names without a docstring, parameters without a comment, names that it leaves out.

Read from the exported modules without importing them, by the same functions that write the reference. A parameter whose
type is a class of the package needs no comment, an option of the command has its help (`**options` are those that its
`takes` names), a signature of one line has one comment, which may speak of what comes back alone, a method that a base
class describes is described there, and `forward` is what its class is called for.
"""

import ast
import importlib.util
import re
import sys
from pathlib import Path

spec = importlib.util.spec_from_file_location("pages", Path(__file__).with_name("site.py"))
pages = importlib.util.module_from_spec(spec)
spec.loader.exec_module(pages)


def offered(tree):
    "The names in a module's `__all__`."
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__": return ast.literal_eval(node.value)
    return []


def defined():
    "Every class of the package, and every option of the command, by its name."
    found = {}
    for path in sorted((pages.ROOT/pages.cfg["lib_path"]).glob("*.py")):
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ClassDef): found[node.name] = node
            if isinstance(node, ast.Assign) and "typer." in ast.unparse(node.value):  # an option of the command
                for target in node.targets:
                    if isinstance(target, ast.Name): found.setdefault(target.id, node)
    return found


def explained(kind, classes):
    "Whether a type says it all: a class of the package, or an option of the command with its help."
    return any(word in classes for word in re.findall(r"\w+", kind))


def uncommented(node, words, classes):
    "Parameters of a function, or fields of a class, that nothing is said of."
    if isinstance(node, ast.FunctionDef):
        rows = [row for row in pages.parameters(node, words) if row[0] != "returns"]
        if pages.on_one_line(node) and words.get(node.returns.end_lineno): return []
        command = any("takes(" in ast.unparse(made) for made in node.decorator_list)
        open_ = [row for row in rows if not row[3] and not explained(f"{row[1]} {row[2]}", classes) and "help=" not in row[2]]
        return [row[0] for row in open_ if not (command and row[0] == "**options")]
    fields = [item for item in node.body if isinstance(item, ast.AnnAssign)]
    return [item.target.id for item in fields
            if not words.get(item.end_lineno) and not explained(ast.unparse(item.annotation), classes)]


def inherited(name, node, classes):
    "Whether a base class of the package has this method: it is described there."
    for base in node.bases:
        above = classes.get(ast.unparse(base).split(".")[-1])
        if not isinstance(above, ast.ClassDef): continue
        there = [item for item in above.body if isinstance(item, ast.FunctionDef) and item.name == name]
        if any(map(ast.get_docstring, there)) or inherited(name, above, classes): return True
    return False


def members(node, classes):
    "A function, or a class and its public methods that no base class describes, by the reference's names."
    found = [(node.name, node)]
    if isinstance(node, ast.ClassDef):
        methods = [item for item in node.body if isinstance(item, ast.FunctionDef) and not item.name.startswith("_")]
        found += [(f"{node.name}.{item.name}", item) for item in methods if not inherited(item.name, node, classes)]
    return found


def lacking(module, classes):
    "Sentences about one module, and the number of names that were looked at."
    source = (pages.ROOT/pages.cfg["lib_path"]/f"{module}.py").read_text(encoding="utf-8")
    tree = ast.parse(source)
    names = offered(tree)
    words = pages.comments(source)
    page = pages.reference_page(module, []) or ""
    said = [f"{module}.{name}: not in the reference" for name in names if f"{{ #{name} }}" not in page]
    n = 0
    for node in tree.body:
        if not isinstance(node, (ast.FunctionDef, ast.ClassDef)) or node.name not in names: continue
        for name, member in members(node, classes):
            n += 1
            if not ast.get_docstring(member) and member.name != "forward": said.append(f"{module}.{name}: no docstring")
            said += [f"{module}.{name}: nothing is said of {parameter}" for parameter in uncommented(member, words, classes)]
    return said, n


def main():
    classes = defined()
    said = []
    n = 0
    for path in sorted((pages.ROOT/pages.cfg["lib_path"]).glob("*.py")):
        if path.stem.startswith("_"): continue
        more, some = lacking(path.stem, classes)
        said += more
        n += some
    print(*said, sep="\n")
    print(f"{n} public functions, classes and methods; {len(said)} lack something")
    sys.exit(bool(said))


if __name__ == "__main__":
    main()
