"""Write conda/recipe.yaml, the recipe of a conda package (format 1 of rattler-build), from settings.ini; with --check, only compare.

Channels: conda-forge, which calls some packages otherwise than the Python package index does. The source is the tag of
the release; its digest is a placeholder until there is one.
"""

import argparse
import re
import sys
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RECIPE = ROOT / "conda/recipe.yaml"
NAMES = {"torch": "pytorch", "matplotlib": "matplotlib-base", "jupyter-client": "jupyter_client"}


def requirement(text):
    "As conda writes it: name, a space, and the bounds."
    name, bounds = re.fullmatch(r"([\w.-]+)(.*)", text).groups()
    return f"{NAMES.get(name, name)} {bounds}".strip()


def recipe():
    "Text of the recipe."
    config = ConfigParser(delimiters=["="], interpolation=None)
    config.read(ROOT / "settings.ini", encoding="utf-8")
    cfg = config["DEFAULT"]
    command, where = cfg["console_scripts"].split("=")
    build = re.search(r'requires = \["([^"]+)"\]', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))[1]
    run = "\n".join(f"    - {requirement(text)}" for text in cfg["requirements"].split())
    return f"""# Written by `python .ci/conda.py` from settings.ini.
schema_version: 1

context:
  version: "{cfg['version']}"
  python_min: "{cfg['min_python']}"

package:
  name: {cfg['lib_name']}
  version: ${{{{ version }}}}

source:
  url: {cfg['git_url']}/archive/refs/tags/v${{{{ version }}}}.tar.gz
  sha256: {'0'*64}  # of the release

build:
  number: 0
  noarch: python
  script: python -m pip install . -vv --no-deps --no-build-isolation
  python:
    entry_points:
      - {command} = {where}

requirements:
  host:
    - python ${{{{ python_min }}}}.*
    - pip
    - {requirement(build)}
  run:
    - python >=${{{{ python_min }}}}
{run}

tests:
  - python:
      imports:
        - {cfg['lib_name']}
        - {cfg['lib_name']}.runs
      pip_check: true
      python_version: ${{{{ python_min }}}}.*
  - script:
      - {command} --help
      - {command} demo --data Digits --epochs 1 --device cpu

about:
  summary: {cfg['description']}
  license: Apache-2.0
  license_file: LICENSE
  homepage: {cfg['git_url']}
  repository: {cfg['git_url']}
  documentation: {cfg['doc_host']}{cfg['doc_baseurl']}/

extra:
  recipe-maintainers:
    - {cfg['user']}
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only say whether the file is what settings.ini says")
    args = parser.parse_args()
    text = recipe()
    if not args.check:
        RECIPE.parent.mkdir(exist_ok=True)
        RECIPE.write_text(text, encoding="utf-8")
    elif not RECIPE.exists() or RECIPE.read_text(encoding="utf-8") != text:
        sys.exit("conda/recipe.yaml is not what settings.ini says: run `python .ci/conda.py` and commit")


if __name__ == "__main__":
    main()
