"""The repository keeps its own promises: what is written agrees with what is there."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped] # comes with the engine, without its stubs

from ocr_service.domain.field import Flag, Source, Status
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Severity
from ocr_service.forms import fields as form_fields
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.forms.model import FormTemplate, PageSpec, Triage
from ocr_service.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"
ADR_HEADINGS = ["Context", "Decision", "Consequences", "Alternatives", "Status"]
READMES = ["README.md", "README.ja.md"]


def tracked(*patterns: str) -> list[Path]:
    """Files that git tracks, or would track."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: which files belong to the repository is not known")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *patterns],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in found if path.is_file()]


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def error_codes() -> set[str]:
    """Every value that an error class of the package calls its code, or a failure is told by."""
    pattern = re.compile(
        r'(?:^    code(?:: ClassVar\[str\])? = |Failure\(\s*)"([a-z_.]+)"', re.MULTILINE
    )
    sources = (ROOT / "ocr_service").rglob("*.py")
    return {code for path in sources for code in pattern.findall(path.read_text("utf-8"))}


class TestReference:
    """What the reference names is what the code has."""

    def test_every_error_code_is_documented(self) -> None:
        """A program may meet any code; each has a row that says what to do."""
        documented = set(
            re.findall(r"^\| `([a-z_.]+)` \|", text_of("docs/reference/errors.md"), re.MULTILINE)
        )
        assert documented == error_codes()

    def test_every_setting_is_documented(self) -> None:
        """The table of settings has a row for each, and for no other."""
        text = text_of("docs/reference/configuration.md")
        documented = set(re.findall(r"^\| `OCR_([A-Z_]+)` \|", text, re.MULTILINE))
        assert documented == {name.upper() for name in Settings.model_fields}

    def test_numeric_defaults_of_settings_are_the_documented_ones(self) -> None:
        """A default that changes in the code changes in the table."""
        text = text_of("docs/reference/configuration.md")
        for name, field in Settings.model_fields.items():
            if type(field.default) in {int, float}:
                row = f"| `OCR_{name.upper()}` | `{field.default:g}` |"
                if field.default >= 1_000_000:
                    row = f"| `OCR_{name.upper()}` | `{field.default}` |"
                assert row in text

    def test_every_record_key_of_shipped_templates_is_documented(self) -> None:
        """Receivers of records find every key of the shipped forms in json.md."""
        documented = set(re.findall(r"`([a-z0-9_]+)`", text_of("docs/reference/json.md")))
        for loaded in load_library(shipped_folder()).loaded:
            assert set(loaded.template.record_keys) <= documented

    def test_every_word_a_record_may_hold_is_documented(self) -> None:
        """States, flags, sources, severities: no value comes as a surprise."""
        documented = set(re.findall(r"`([a-z0-9_]+)`", text_of("docs/reference/json.md")))
        words = [*DocumentState, *Flag, *Source, *Status, *Severity]
        assert {word.value for word in words} <= documented

    def test_every_key_of_a_template_file_is_documented(self) -> None:
        """Authors of templates find every key and every word in template-format.md."""
        documented = set(re.findall(r"[a-z_0-9]+", text_of("docs/reference/template-format.md")))
        kinds = [getattr(form_fields, name) for name in form_fields.__all__]
        models = [FormTemplate, PageSpec, Triage, *(k for k in kinds if hasattr(k, "model_fields"))]
        for model in models:
            assert set(model.model_fields) <= documented, model.__name__
        for enum in (form_fields.Format, form_fields.Charset, form_fields.MarkKind):
            assert {member.value for member in enum} <= documented
        assert {symbol.value for symbol in form_fields.Symbol} <= documented


class TestPapers:
    """Documents a newcomer reads."""

    def test_links_inside_the_repository_resolve(self) -> None:
        """No document points at a file that is not there."""
        missing = [
            f"{path.name}: {link}"
            for path in tracked("*.md")
            for link in re.findall(r"\]\(([^)\s#]+)", path.read_text(encoding="utf-8"))
            if "://" not in link and not (path.parent / link).exists()
        ]
        assert missing == []

    @pytest.mark.parametrize("name", READMES)
    def test_readme_starts_with_the_two_commands(self, name: str) -> None:
        """Whoever copies the first block has a running service."""
        first = re.search(r"```sh\n(.*?)```", text_of(name), re.DOTALL)
        assert first is not None
        assert [line.split("#")[0].strip() for line in first[1].splitlines()] == [
            "make demo",
            "make test",
        ]

    def test_make_targets_named_in_documents_exist(self) -> None:
        """Every `make x` that a document tells somebody to type is a target."""
        targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
        for path in tracked("*.md"):
            text = path.read_text("utf-8")
            typed = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
            named = set(re.findall(r"^make ([a-z]+)", typed, re.MULTILINE))
            named |= set(re.findall(r"`make ([a-z]+)", text))
            assert named <= targets, path.name

    def test_decisions_have_the_five_headings_in_order(self) -> None:
        """Each decision tells its story the same way."""
        decisions = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
        assert decisions
        for path in decisions:
            assert re.findall(r"^## (.+)$", path.read_text("utf-8"), re.MULTILINE) == ADR_HEADINGS

    def test_licence_is_the_whole_apache_text(self) -> None:
        """Terms and appendix are both there."""
        text = text_of("LICENSE")
        assert "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION" in text
        assert "END OF TERMS AND CONDITIONS" in text


class TestTrackedFiles:
    """What must not be in the repository is not."""

    @pytest.mark.parametrize("name", ["run", "dev"])
    def test_locks_have_a_hash_for_every_package_and_no_address(self, name: str) -> None:
        """Any index may serve the packages; none may serve other bytes."""
        text = text_of(f"requirements/{name}.lock")
        packages = re.findall(r"^[a-z0-9][a-z0-9._-]*==.*", text, re.MULTILINE)
        assert packages
        assert all(line.endswith("\\") for line in packages)
        assert "://" not in text
        assert "index-url" not in text
        blocks = re.split(r"^(?=[a-z0-9][a-z0-9._-]*==)", text, flags=re.MULTILINE)[1:]
        assert all("--hash=sha256:" in block for block in blocks)

    def test_no_file_names_a_package_index_or_a_path_of_one_machine(self) -> None:
        """Where packages come from, and where somebody keeps the checkout, is their business."""
        index = re.compile(r"(?:pypi|pythonhosted|debian|npmjs|anaconda)\.(?:org|com)")
        home = re.compile(r"(?<![\w.])/(?:home|root|Users)/\w")
        for path in tracked():
            if path.suffix in {
                ".py",
                ".md",
                ".toml",
                ".yml",
                ".sh",
                ".lock",
                ".html",
                ".js",
                ".css",
            }:
                text = path.read_text(encoding="utf-8")
                assert not index.search(text) or path == Path(__file__), path.name
                assert not home.search(text), path.name

    def test_no_file_is_larger_than_two_megabytes(self) -> None:
        """A clone stays quick. One network tells 6,500 characters, a row of weights for each."""
        allowed = {"lines-2.onnx": 3 * 1024**2}
        sizes = {path.name: path.stat().st_size for path in tracked()}
        large = [name for name, size in sizes.items() if size > allowed.get(name, 2 * 1024**2)]
        assert large == []

    def test_pages_load_nothing_from_other_sites(self) -> None:
        """Municipal networks are closed: styles, scripts and fonts are our own files."""
        for path in tracked(
            "ocr_service/web/*.html", "ocr_service/web/*.css", "ocr_service/web/*.js"
        ):
            text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
            assert not re.search(r"(?:https?:)?//[a-z0-9-]+\.[a-z]", text), path.name


class TestDeployment:
    """The containers are given what the code understands."""

    @pytest.fixture(name="compose")
    def read_compose(self) -> dict[str, dict[str, dict[str, object]]]:
        """The parsed compose file."""
        parsed: dict[str, dict[str, dict[str, object]]] = yaml.safe_load(
            text_of("docker-compose.yml")
        )
        return parsed

    def test_every_variable_given_to_the_service_is_a_setting(
        self, compose: dict[str, dict[str, dict[str, object]]]
    ) -> None:
        """A misspelt variable would be ignored in silence."""
        known = {f"OCR_{name.upper()}" for name in Settings.model_fields}
        for name in ("api", "worker"):
            environment = compose["services"][name]["environment"]
            assert isinstance(environment, dict)
            assert {v for v in environment if v.startswith("OCR_")} <= known
        image = set(re.findall(r"\b(OCR_[A-Z_]+)=", text_of("Dockerfile")))
        assert image <= known

    def test_every_service_has_a_health_check_or_waits_for_one(
        self, compose: dict[str, dict[str, dict[str, object]]]
    ) -> None:
        """Nothing starts before what it needs answers."""
        for name, service in compose["services"].items():
            assert "healthcheck" in service or "depends_on" in service, name

    def test_every_image_is_pinned_to_a_version(
        self, compose: dict[str, dict[str, dict[str, object]]]
    ) -> None:
        """The same files start the same software next year."""
        images = [str(service["image"]) for service in compose["services"].values()]
        images += re.findall(r"^FROM (\S+)", text_of("Dockerfile"), re.MULTILINE)
        assert all(re.search(r":v?\d+\.\d+", image) for image in images)

    def test_every_variable_of_the_compose_file_is_in_the_example(self) -> None:
        """Copying deploy/env.example shows all there is to set."""
        asked = set(re.findall(r"\$\{([A-Z0-9_]+)", text_of("docker-compose.yml")))
        given = set(re.findall(r"^([A-Z0-9_]+)=", text_of("deploy/env.example"), re.MULTILINE))
        assert asked == given
