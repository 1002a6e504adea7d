"""Settings of the documentation site; ``make docs`` builds it from what docs/make_site.py lays out."""

from pathlib import Path

import thermal

project = "thermal"
author = "the authors of thermal"
version = release = thermal.__version__
extensions = ["myst_nb"]
templates_path: list[str] = []
exclude_patterns = ["**/.ipynb_checkpoints"]
root_doc = "index"

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_merge_streams = True
nb_output_stderr = "remove"  # bars of progress

html_theme = "furo"
html_static_path = [str(Path(__file__).parent / "_static")]
html_css_files = ["site.css"]
html_title = f"thermal {version}"
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_theme_options = {"navigation_with_keys": True}
pygments_style = "tango"
