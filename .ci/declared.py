"""Give an environment exactly what an installed distribution declares, by links into this environment.

    python .ci/declared.py qssl SITE_PACKAGES

SITE_PACKAGES already holds the distribution. Its requirements, and theirs, are linked from the environment that runs
this file, so that a second environment costs a second instead of minutes. What is not declared cannot be imported.
"""

import sys
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def needed(dist, extras=frozenset()):
    "Requirements of a distribution that apply here."
    for text in dist.requires or []:
        requirement = Requirement(text)
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": e}) for e in extras | {""}):
            yield requirement


def closure(dist):
    "Distributions that `dist` needs, directly or not, without itself; all must be installed here and fit."
    todo, done, found = list(needed(dist)), set(), {}
    while todo:
        requirement = todo.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        dist = distribution(requirement.name)
        if not requirement.specifier.contains(dist.version, prereleases=True):
            raise SystemExit(f"{requirement} is declared, {name} {dist.version} is installed")
        if (name, extras) in done: continue
        done.add((name, extras))
        found[name] = dist
        todo += needed(dist, extras)
    return list(found.values())


def link(dist, site):
    "Link the files and folders that a distribution put at the top of its site-packages."
    for top in {file.parts[0] for file in dist.files if file.parts[0] not in ("..", "__pycache__")}:
        here, there = Path(dist.locate_file(top)), site / top
        if not there.exists(): there.symlink_to(here.resolve())


if __name__ == "__main__":
    name, site = sys.argv[1], Path(sys.argv[2])
    installed = next(iter(Distribution.discover(name=name, path=[str(site)])))
    for dist in closure(installed): link(dist, site)
