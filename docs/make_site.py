"""Build the documentation site: lay its pages out, run Sphinx over them without network, and look at the result.

``python docs/make_site.py`` lays out under build/docs/source what docs/, notebooks/, studies/ and the declarations
hold, builds build/docs/html with warnings as errors, and has headless Chromium look at it where there is one.
``--lay-out`` stops after the first step, which needs nothing but the package itself.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from site_pages import api_pages, catalogue, contents, laws, studies, validation

ROOT = Path(__file__).parents[1]
DOCS, BUILD = ROOT / "docs", ROOT / "build" / "docs"

LINKS = {  # from files beside docs/ to pages of the site
    "../validation/README.md": "validation.md",
    "../../validation/README.md": "../validation.md",
    "../../README.md": "../index.md",
    "../notebooks/": "tutorials/",
}


def lay_out(target: Path) -> list[Path]:
    """Write every page of the site under a fresh `target`; return their paths."""
    if target.exists():
        shutil.rmtree(target)
    for page in DOCS.rglob("*.md"):
        if page != DOCS / "README.md":
            _write(target / page.relative_to(DOCS), _within_site(page.read_text(encoding="utf-8")))
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        text = notebook.read_text(encoding="utf-8").replace("](../CONTRIBUTING.md", "](../contributing.md")
        _write(target / "tutorials" / notebook.name, text)
    _copy(DOCS / "model.schema.json", target / "model.schema.json")
    for name in ("CONTRIBUTING", "CHANGELOG"):
        text = (ROOT / f"{name}.md").read_text(encoding="utf-8")
        _write(target / f"{name.lower()}.md", _within_site(text, drop_links=True))
    _write(target / "validation.md", validation(ROOT / "validation" / "README.md"))
    for name, text in {**catalogue(), **api_pages(), **laws(), **studies(ROOT / "studies")}.items():
        _write(target / name, text)
    for name, text in contents(target).items():
        _write(target / name, text)
    return sorted(target.rglob("*"))


def _within_site(text: str, drop_links: bool = False) -> str:
    """A page whose links lead to pages of the site, where they led to files beside docs/."""
    for beside, within in LINKS.items():
        text = text.replace(f"]({beside}", f"]({within}")
    if drop_links:
        return re.sub(r"\[([^\]]+)\]\((?!https?:)[^)]*\)", r"\1", text)
    return text


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def main(arguments: list[str]) -> int:
    """Exit code: 0 where the site is built and nothing is wrong with it."""
    source, html = BUILD / "source", BUILD / "html"
    pages = lay_out(source)
    print(f"{sum(page.suffix in {'.md', '.ipynb'} for page in pages)} pages under {source}", flush=True)
    if "--lay-out" in arguments:
        return 0
    shutil.rmtree(html, ignore_errors=True)
    command = ["-c", DOCS, "-d", BUILD / "trees", "-W", "--keep-going", "-q", source, html]
    path = os.pathsep.join([str(DOCS), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]).rstrip(os.pathsep)
    quiet = {"TQDM_DISABLE": "1", "MPLBACKEND": "module://matplotlib_inline.backend_inline", "PYTHONPATH": path}
    built = subprocess.run([sys.executable, "-m", "sphinx", *map(str, command)], cwd=ROOT, env=os.environ | quiet)
    if built.returncode:
        return built.returncode
    print(f"built {html / 'index.html'}", flush=True)
    return subprocess.run([sys.executable, str(DOCS / "check_site.py"), str(html)]).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
