"""Google's client of BigQuery for Python, on the fake and on an emulator that is not ours."""

import collections
import datetime
import json

from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import BadRequest, Forbidden, InternalServerError, NotFound
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from harness import check, fetch, raises, same

PROJECT = "udp-umich-prod"
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
# Written so that BigQuery and DuckDB, which the emulator uses, mean the same by it.
COURSE = """JSON_EXTRACT_SCALAR(event, "$.object.extensions['kaf:course_id']")"""
MEDIA = """COALESCE(JSON_EXTRACT_SCALAR(event, '$.object.id'), JSON_EXTRACT_SCALAR(event, "$.object['@id']"))"""

# What a reader asks of both tables: who started which video in which course.
STARTED = """SELECT id AS event_id, event_time, store_time, {app} AS ed_app, type, action, {course} AS course_id_text, {media} AS object_id
FROM `udp-umich-prod.event_store.{table}`
WHERE event_time >= @from AND event_time < @to AND type = 'MediaEvent' AND action = 'Started' AND {app} IN UNNEST(@ed_apps)"""
OF_EVENTS = STARTED.format(table="events", app="ed_app", course=COURSE, media=MEDIA)
OF_EXPANDED = STARTED.format(
    table="expanded", app="ed_app.id", course="""JSON_EXTRACT_SCALAR(object.extensions, "$['kaf:course_id']")""", media="object.id"
)

# What the original program asked. Its path has no quotes, which is fine for BigQuery alone.
HOURLY = """SELECT FORMAT_TIMESTAMP('%F %H', event_time) AS hour,
  SAFE_CAST(JSON_EXTRACT_SCALAR(event, '$.object.extensions.kaf:course_id') AS INT64) AS course_id,
  MAX(event_time) AS latest, COUNT(*) AS n
FROM `udp-umich-prod.event_store.events`
WHERE type = 'MediaEvent' AND action = 'Started' AND ed_app IN UNNEST(@ed_apps)
  AND event_time > TIMESTAMP(@from) AND event_time < TIMESTAMP(@to)
GROUP BY hour, course_id"""

# The same of all-digit course ids: engines differ in what else they take for a number.
HOURLY_DIGITS = HOURLY.replace("'$.object.extensions.kaf:course_id'", """"$.object.extensions['kaf:course_id']\"""").replace(
    "GROUP BY", f"AND REGEXP_CONTAINS({COURSE}, r'^[0-9]+$') GROUP BY"
)


def connect(address):
    options = ClientOptions(api_endpoint=address)
    return bigquery.Client(project=PROJECT, credentials=AnonymousCredentials(), client_options=options)


def fake(fakes, mood=""):
    return connect(f"{fakes['base']}/bigquery{mood}")


def today(fakes):
    return datetime.datetime.fromisoformat(fakes["date"]).replace(tzinfo=datetime.timezone.utc)


def settings(fakes, days=10, **more):
    """The parameters of an interval that ends today."""
    return bigquery.QueryJobConfig(
        query_parameters=[
            bigquery.ScalarQueryParameter("from", "TIMESTAMP", today(fakes) - datetime.timedelta(days=days)),
            bigquery.ScalarQueryParameter("to", "TIMESTAMP", today(fakes)),
            bigquery.ArrayQueryParameter("ed_apps", "STRING", fakes["ed_apps"]),
        ],
        **more,
    )


def is_json(text):
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def micros(moment):
    return None if moment is None else (moment - EPOCH) // datetime.timedelta(microseconds=1)


def started(fakes, days=10):
    """The started videos of the interval, as the truth has them."""
    low = micros(today(fakes) - datetime.timedelta(days=days))
    for e in fetch(fakes["base"] + "/_truth/events"):
        if e["type"] == "MediaEvent" and e["action"] == "Started" and e["ed_app"] in fakes["ed_apps"] and low <= e["micros"] < micros(today(fakes)):
            yield e


def rows(client, sql, config, **how):
    return [tuple(micros(v) if isinstance(v, datetime.datetime) else v for v in row.values()) for row in client.query(sql, job_config=config).result(**how)]


@check
def events(fakes):
    """the started videos of ten days, from both tables, in one page and in many, at once and after waiting"""
    truth = sorted((e["id"], e["micros"], e["stored"], e["ed_app"], str(e["course"])) for e in started(fakes))
    assert len(truth) > 500, "the university hardly watches videos"
    for mood in ["", "-slow"]:
        for sql in [OF_EVENTS, OF_EXPANDED]:
            for how in [{}, {"page_size": 37}]:
                found = rows(fake(fakes, mood), sql, settings(fakes), **how)
                same(sorted((r[0], r[1], r[2], r[3], str(r[6])) for r in found), truth, f"events{mood} {how}")


@check
def at_once(fakes):
    """the same by jobs.query"""
    found = fake(fakes, "-slow").query_and_wait(OF_EVENTS, job_config=settings(fakes))
    same(sorted(r["event_id"] for r in found), sorted(e["id"] for e in started(fakes)), "events")


@check
def hourly(fakes):
    """the hours of every course, and the original program's way of asking for them"""
    wanted = collections.Counter()
    latest = {}
    for e in started(fakes):
        if e["counts"] and e["micros"] > micros(today(fakes) - datetime.timedelta(days=10)):
            key = (EPOCH + datetime.timedelta(microseconds=e["micros"])).strftime("%Y-%m-%d %H"), e["counts"]
            wanted[key] += 1
            latest[key] = max(latest.get(key, 0), e["micros"])
    found = {(r[0], r[1]): (r[2], r[3]) for r in rows(fake(fakes), HOURLY_DIGITS, settings(fakes)) if r[1] is not None}
    same(found, {k: (latest[k], n) for k, n in wanted.items()}, "hours")
    counts = collections.Counter(course for _, course, _, _ in rows(fake(fakes), HOURLY, settings(fakes)))
    same(set(c for _, c in wanted) - set(counts), set(), "courses that the original would have missed")
    assert None in counts, "every event has a number for a course"


@check
def estimate(fakes):
    """a dry run, and a limit of bytes"""
    config = settings(fakes, dry_run=True)
    whole = fake(fakes).query(OF_EVENTS, job_config=config).total_bytes_processed
    part = fake(fakes).query(OF_EXPANDED, job_config=config).total_bytes_processed
    assert 0 < part < whole, (part, whole)
    limited = settings(fakes, maximum_bytes_billed=1000)
    # The client knows no exception for this reason.
    raises(InternalServerError, lambda: fake(fakes).query(OF_EVENTS, job_config=limited).result(), lambda e: "bytes billed" in str(e))


@check
def refusals(fakes):
    """what must be refused, by the right exception"""
    config = settings(fakes)
    for mood in ["", "-early"]:
        for kind, sql in [
            (BadRequest, "SELECT nothing FROM event_store.events"),
            (BadRequest, "SELECT id FROM event_store.events JOIN event_store.expanded USING (id)"),
            (NotFound, "SELECT id FROM event_store.nothing"),
            (NotFound, "SELECT id FROM nothing.events"),
            (Forbidden, "SELECT id FROM `elsewhere.event_store.events`"),
        ]:
            raises(kind, lambda: fake(fakes, mood).query(sql, job_config=config, retry=None, job_retry=None).result())
    raises(BadRequest, lambda: fake(fakes).query("SELECT id FROM event_store.expanded").result(), lambda e: "partition elimination" in str(e))
    raises(Forbidden, lambda: fake(fakes, "-early").get_table("event_store.expanded"))


@check
def tables(fakes):
    """what the tables say about themselves"""
    expanded = fake(fakes).get_table("event_store.expanded")
    same((expanded.time_partitioning.field, expanded.require_partition_filter), ("event_time", True), "partitioning")
    same({f.name for f in next(c for c in expanded.schema if c.name == "object").fields} >= {"id", "extensions"}, True, "members of object")
    same(expanded.num_rows, len(fetch(fakes["base"] + "/_truth/events")), "rows")
    same(sorted(t.table_id for t in fake(fakes).list_tables("event_store")), ["events", "expanded"], "tables")


@check
def second_opinion(fakes):
    """an emulator that is not ours gives the same answers about the same rows"""
    other = connect(fakes["emulator"])
    names = ["id", "type", "action", "event_time", "store_time", "ed_app", "event"]
    table = bigquery.Table(
        f"{PROJECT}.event_store.events",
        schema=[bigquery.SchemaField(n, "TIMESTAMP" if n.endswith("_time") else "STRING") for n in names],
    )
    other.create_dataset("event_store")
    other.create_table(table)
    stored = [dict(r.items()) for r in fake(fakes).query(f"SELECT {', '.join(names)} FROM event_store.events").result()]
    for row in stored:
        if not is_json(row["event"]):
            row["event"] = "{}"  # the emulator ends the query at broken JSON, BigQuery reads nothing from it
        row["event_time"], row["store_time"] = row["event_time"].isoformat(), row["store_time"].isoformat()
    for start in range(0, len(stored), 500):
        same(other.insert_rows_json(table, stored[start : start + 500]), [], "errors of inserting")
    for sql in [OF_EVENTS, HOURLY_DIGITS]:
        ours, theirs = (sorted(rows(c, sql, settings(fakes)), key=repr) for c in [fake(fakes), other])
        assert len(ours) > 300, len(ours)
        same(ours, theirs, sql.splitlines()[0])
