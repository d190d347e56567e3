"""Holds the lineage events against OpenLineage's published JSON schemas, which a package of Rust ships for its own tests."""

import copy
import json
import os
import pathlib
import shutil
import subprocess

from harness import check, raises, same
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from referencing import Registry, Resource

PACKAGE, VERSION = "datafusion-openlineage", "0.0.7"
EVENTS = pathlib.Path("cmd/internal/signals/testdata/lineage.ndjson")
CORE = "https://openlineage.io/spec/2-0-2/OpenLineage.json"
# Published, but not in the package.
UNPROVED = {"nominalTime"}


def schemas():
    """Returns the published schemas by their ids; `cargo info` downloads the one package."""
    subprocess.run(["cargo", "info", "--quiet", f"{PACKAGE}@{VERSION}"], check=True, capture_output=True, cwd="/", timeout=300)
    home = pathlib.Path(os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo"))
    files = list(home.glob(f"registry/src/*/{PACKAGE}-{VERSION}/tests/schemas/openlineage/**/*.json"))
    assert files, "the package has no schemas"
    return {s["$id"]: s for s in map(json.loads, (f.read_text() for f in files))}


def validators():
    known = schemas()
    registry = Registry().with_resources((i, Resource.from_contents(s)) for i, s in known.items())
    of = lambda schema: Draft202012Validator(schema, registry=registry, format_checker=FormatChecker())
    return of({"$ref": CORE + "#/$defs/RunEvent"}), {i: of(s) for i, s in known.items()}


def facets(event):
    """Yields the name and the body of every facet."""
    yield from event["run"].get("facets", {}).items()
    yield from event["job"].get("facets", {}).items()
    for dataset in event.get("inputs", []) + event.get("outputs", []):
        for kind in ("facets", "inputFacets", "outputFacets"):
            yield from dataset.get(kind, {}).items()


def validate(event, core, by_id):
    """Returns the names of the facets that were held against a schema of their own."""
    core.validate(event)
    proved = set()
    for name, body in facets(event):
        schema, _, place = body["_schemaURL"].partition("#/$defs/")
        if schema not in by_id:
            assert name in UNPROVED, f"{name} names {schema}, which is not published"
            continue
        assert place in by_id[schema].schema["$defs"], f"{name} names {place}, which {schema} has not"
        by_id[schema].validate({name: body})
        proved.add(name)
    return proved


# Older ones have no `cargo info`.
if os.environ.get("CI") or (shutil.which("cargo") and subprocess.run(["cargo", "info", "--help"], capture_output=True).returncode == 0):

    @check
    def valid(_):
        """every event is valid, facets included; a broken one is not"""
        core, by_id = validators()
        events = [json.loads(line) for line in EVENTS.read_text().splitlines()]
        same([e["eventType"] for e in events], ["START", "COMPLETE"] * 3 + ["START", "FAIL"], "events")
        proved = set().union(*(validate(e, core, by_id) for e in events))
        same(proved, {"processing_engine", "errorMessage", "jobType", "schema", "outputStatistics"}, "facets")
        for break_it in (
            lambda e: e.pop("eventTime"),
            lambda e: e.update(eventType="FINISHED"),
            lambda e: e["run"].update(runId="01KJQF0M00000000000000000A"),
            lambda e: e["outputs"][0]["outputFacets"]["outputStatistics"].update(rowCount="3"),
            lambda e: e["outputs"][0]["facets"]["schema"].pop("_producer"),
        ):
            broken = copy.deepcopy(events[1])
            break_it(broken)
            raises(ValidationError, lambda e=broken: validate(e, core, by_id))
