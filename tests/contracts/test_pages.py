"""The documentation site in short: pages are laid out, and what looks at it sees what is wrong; `make docs` builds."""

import re
import shutil
import sys
from pathlib import Path

import pytest

import thermal

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs"))

import check_site  # noqa: E402
import make_site  # noqa: E402
import site_pages  # noqa: E402


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> dict[str, str]:
    target = tmp_path_factory.mktemp("site")
    pages = make_site.lay_out(target / "source")
    return {p.relative_to(target / "source").as_posix(): p.read_text("utf-8") for p in pages if p.is_file()}


def test_every_page_is_in_a_table_of_contents(site):
    listed = {"index"}
    for name, text in site.items():
        for block in re.findall(r"```\{toctree\}\n(.*?)```", text, re.DOTALL):
            lines = [line for line in block.splitlines() if line and not line.startswith(":")]
            listed |= {(Path(name).parent / line).as_posix() for line in lines}
    pages = {name.rpartition(".")[0] for name in site if name.endswith((".md", ".ipynb"))}
    assert pages == listed


def test_links_of_notebooks_lead_to_pages_of_the_site(site):
    for name, text in site.items():
        for link in re.findall(r"\]\((?!https?://|#)([^)#]+)", text) if name.startswith("tutorials/") else ():
            assert (Path("tutorials") / link).as_posix().replace("tutorials/../", "") in site, f"{name}: {link}"


def test_every_public_name_has_its_signature_and_example(site):
    text = "\n".join(page for name, page in site.items() if name.startswith("api/"))
    for name in thermal._HOME:
        assert f"\n## th.{name}\n" in text, name
    entry = site["api/verbs.md"].split("## th.steady")[1].split("\n## ")[0]
    for words in ("**Parameters**", "`facility : Supply, Plant or TowerPlant`", "```pycon", "64.5"):
        assert words in entry


def test_every_number_of_every_model_is_in_the_catalogue(site):
    text = site["models/cdus.md"]
    found = thermal.library.read("cdus/vertiv_xdu1350")
    for field, fact in found.facts.items():
        assert f"| `{field}` |" in text
        assert fact.source in text
    shelves = {name.partition("/")[0] for name in thermal.models()}
    assert {f"models/{shelf}.md" for shelf in shelves} <= set(site)


def test_every_law_has_its_passport(site):
    assert "ε = (1 − exp(−NTU (1 − C_r)))" in site["laws/machines.md"]
    folders = {p.name for p in (ROOT / "thermal" / "physics").iterdir() if (p / "__init__.py").is_file()}
    assert {f"laws/{name}.md" for name in folders} <= set(site)


def test_signs_of_formulas_stay_signs():
    assert site_pages._escaped("R_case * 2 [W] of ``a_b`` and `c_d`") == r"R\_case \* 2 \[W\] of `a_b` and `c_d`"


@pytest.mark.compiled
def test_figures_of_the_theory_pages_show_the_orders_that_they_name():
    """Fewer points than on the pages; each page that solves something has its figure."""
    import convergence

    found = convergence.orders(convergence.plate_in_space((8, 16)))
    found |= convergence.orders(convergence.plate_in_time((16, 32)))
    found |= convergence.orders(convergence.pipe((100, 200)))
    found |= convergence.orders(convergence.loop((5.0, 2.5)))
    found |= convergence.orders(convergence.plant((5.0, 2.5)))
    least = {
        "metal": 1.9, "coolant": 1.9, "two stages": 1.9, "one stage": 0.95, "UPWIND": 0.6,
        "MUSCL": 1.9, "QUICKEST": 2.5, "backward Euler": 0.95, "plant and loops": 0.9,
    }  # fmt: skip
    assert set(found) == set(least)
    assert not {name: order for name, order in found.items() if not least[name] < order < 3.1}
    (steps, errors), *_ = convergence.newton((8,)).values()
    assert len(steps) <= 8
    assert errors[3] < 10 * errors[2] ** 2  # digits double
    for page in set(site_pages.THEORY) - {"accounting"}:
        assert "convergence.drawn" in (ROOT / "docs" / "theory" / f"{page}.md").read_text(encoding="utf-8")


def _page(body: str) -> str:
    return f'<!doctype html><title>t</title><h1 id="top">t</h1>{body}'


def test_a_link_that_leads_nowhere_is_found(tmp_path):
    (tmp_path / "a.html").write_text(_page('<a href="b.html#place">b</a><a href="https://example.org">out</a>'))
    (tmp_path / "b.html").write_text(_page('<p id="place"></p><a href="#top">up</a><img src="p.png">'))
    (tmp_path / "p.png").write_bytes(b"")
    assert check_site.broken_links(tmp_path) == []
    (tmp_path / "a.html").write_text(_page('<a href="c.html">c</a><a href="b.html#nowhere">b</a>'))
    (tmp_path / "p.png").unlink()
    found = check_site.broken_links(tmp_path)
    assert len(found) == 3
    assert "c.html" in found[0]
    assert "not on that page" in found[1]
    assert "p.png" in found[2]


def test_chromium_sees_what_is_wrong(tmp_path):
    browser = next((b for b in check_site.BROWSERS if shutil.which(b)), None)
    if browser is None:
        pytest.skip("no Chromium on this machine")
    site = tmp_path / "html"
    site.mkdir()
    (site / "index.html").write_text(_page("<p>fine</p>"))
    assert check_site.looked_at(site, browser, tmp_path / "shots") == []
    assert (tmp_path / "shots" / "index-390.png").stat().st_size > 1000
    wrong = '<div style="width:700px">wide</div><img src="gone.png"><script>nothing.here()</script>'
    (site / "wrong.html").write_text(_page(wrong))
    found = "\n".join(check_site.looked_at(site, browser, tmp_path / "shots"))
    for words in ("wrong.html at 390 px is 7", "lacks", "gone.png", "nothing is not defined"):
        assert words in found
    assert "1400 px is" not in found
