"""Packaging: every fact comes from settings.ini, which nbdev reads too."""

import posixpath
import re
from configparser import ConfigParser
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent
STATUS = {"1": "1 - Planning", "2": "2 - Pre-Alpha", "3": "3 - Alpha", "4": "4 - Beta", "5": "5 - Production/Stable"}
LICENSES = {"apache2": "Apache-2.0"}  # SPDX

config = ConfigParser(delimiters=["="], interpolation=None)
config.read(HERE / "settings.ini", encoding="utf-8")
cfg = config["DEFAULT"]
python_minors = range(int(cfg["min_python"].split(".")[1]), int(cfg["max_python"].split(".")[1]) + 1)
RELATIVE = re.compile(r"""(!?\[[^\]]*\]\()(?!(?:[a-z][a-z0-9+.-]*:|/|\#))([^)\s]+)""")


def long_description():
    "README.md for a package index, where its relative links and pictures would lead nowhere."
    def absolute(found):
        kind = "raw" if found[1].startswith("!") else "tree" if (HERE / found[2]).is_dir() else "blob"
        return f"{found[1]}{cfg['git_url']}/{kind}/{cfg['branch']}/{posixpath.normpath(found[2])}"
    return RELATIVE.sub(absolute, (HERE / "README.md").read_text(encoding="utf-8"))


class build_with_notebooks(build_py):
    "A wheel holds the notebooks that `qssl batch` executes (they exist once, in nbs/experiments), and says it is typed."

    def run(self):
        super().run()
        if self.editable_mode: return  # the checkout has them
        (Path(self.build_lib) / cfg["lib_name"] / "py.typed").touch()  # PEP 561
        folder = Path(self.build_lib) / cfg["lib_name"] / "experiments"
        self.mkpath(str(folder))
        for notebook in sorted((HERE / "nbs" / "experiments").glob("*.ipynb")): self.copy_file(str(notebook), str(folder))


setup(
    name=cfg["lib_name"],
    version=cfg["version"],
    description=cfg["description"],
    long_description=long_description(),
    long_description_content_type="text/markdown",
    author=cfg["author"],
    url=cfg["git_url"],
    project_urls={
        "Documentation": f"{cfg['doc_host']}{cfg['doc_baseurl']}/",
        "Source": cfg["git_url"],
        "Changelog": f"{cfg['git_url']}/blob/{cfg['branch']}/CHANGELOG.md",
        "Issues": f"{cfg['git_url']}/issues",
    },
    license_expression=LICENSES[cfg["license"]],
    license_files=["LICENSE"],
    keywords=cfg["keywords"].split(),
    classifiers=[
        f"Development Status :: {STATUS[cfg['status']]}",
        f"Intended Audience :: {cfg['audience']}",
        f"Natural Language :: {cfg['language']}",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Topic :: Scientific/Engineering :: Physics",
        *(f"Programming Language :: Python :: 3.{minor}" for minor in python_minors),
    ],
    packages=find_packages(include=[cfg["lib_name"], f"{cfg['lib_name']}.*"]),
    include_package_data=True,
    cmdclass={"build_py": build_with_notebooks},
    python_requires=f">={cfg['min_python']}",
    install_requires=cfg["requirements"].split(),
    extras_require={extra: cfg[f"{extra}_requirements"].split() for extra in ("dev", "docs", "bench", "hardware")},
    entry_points={
        "console_scripts": cfg["console_scripts"].split(),
        "nbdev": [f"{cfg['lib_name']}={cfg['lib_name']}._modidx:d"],
    },
    zip_safe=False,
)
