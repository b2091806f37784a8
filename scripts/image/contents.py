"""What an image consists of, with the licences: Debian's packages, Python's, the models. Equal images, equal lists."""

import email
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

HEADER = "kind\tname\tversion\tlicence\twhere it is\n"


def contents(root: Path, models: Mapping[str, str], fetched: Sequence[str]) -> str:
    """A table, tab-separated, in order; `models` are all with their licences, `fetched` those left to the device."""
    rows = [*sorted(_debian(root)), *sorted(_python(root)), *_compiled(root)]
    for name, licence in sorted(models.items()):
        where = "fetched by the device when it first starts" if name in fetched else "in the image"
        rows.append(("model", name, "", licence, where))
    return HEADER + "".join("\t".join(row) + "\n" for row in dict.fromkeys(rows))


def _debian(root: Path) -> Iterator[tuple[str, ...]]:
    """The packages, as dpkg has them; each one's source is in Debian's archive under its version."""
    for paragraph in (root / "var/lib/dpkg/status").read_text().split("\n\n"):
        fields = dict(re.findall(r"^(Package|Version|Status|Source): (.*)$", paragraph, re.MULTILINE))
        if fields.get("Status", "").endswith(" installed"):
            yield "debian", fields["Package"], fields["Version"], _copyright(root, fields["Package"]), "in the image"


def _copyright(root: Path, package: str) -> str:
    """The names of the licences in the package's machine-readable copyright, or where to read them."""
    path = root / "usr/share/doc" / package / "copyright"
    try:
        text = path.read_text(errors="replace")
    except OSError:
        return "see the package's source"
    lines = re.findall(r"^License: *(.+)$", text, re.MULTILINE)
    found = {one.strip() for line in lines for one in re.split(r" and | or |, ", line)}
    return (
        ", ".join(sorted(found)) if text.startswith("Format:") and found else f"see /usr/share/doc/{package}/copyright"
    )


def _python(root: Path) -> Iterator[tuple[str, ...]]:
    for path in (root / "opt/device").glob("*/.venv/lib/python*/site-packages/*.dist-info/METADATA"):
        about = email.message_from_string(path.read_text(errors="replace"))
        classified = [one.split(" :: ") for one in about.get_all("Classifier", [])]
        classifiers = [parts[-1] for parts in classified if parts[0] == "License"]
        short = (about.get("License") or "").strip()
        licence = about.get("License-Expression") or ", ".join(classifiers) or ("" if "\n" in short else short)
        yield "python", about["Name"], about["Version"], licence or f"see {path.parent.name}", "in the image"


def _compiled(root: Path) -> Iterator[tuple[str, ...]]:
    for wheel in (root / "opt/device/cache/device/wheels").glob("*/llama_cpp_python-*.whl"):
        yield "compiled", "llama.cpp, in llama-cpp-python", wheel.name.split("-")[1], "MIT", "in the image"
