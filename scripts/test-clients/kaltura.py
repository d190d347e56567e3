"""The official Kaltura client for Python."""

from KalturaClient import KalturaClient, KalturaConfiguration
from KalturaClient.Plugins.Core import (
    KalturaFilterPager,
    KalturaMediaEntryFilter,
    KalturaMediaEntryOrderBy,
    KalturaSessionType,
)
from KalturaClient.exceptions import KalturaException

from harness import check, fetch, raises, same


def client(fakes, mood="", secret=None):
    config = KalturaConfiguration()
    config.serviceUrl = f"{fakes['base']}/kaltura{mood}"
    made = KalturaClient(config)
    made.setKs(made.session.start(secret or fakes["secret"], "", KalturaSessionType.ADMIN, fakes["partner"], 3600, ""))
    return made


def ascending(**limits):
    found = KalturaMediaEntryFilter(**limits)
    found.orderBy = KalturaMediaEntryOrderBy.CREATED_AT_ASC
    return found


def pages(kaltura, wanted, size):
    index = 1
    while True:
        answer = kaltura.media.list(wanted, KalturaFilterPager(pageSize=size, pageIndex=index))
        yield from answer.objects
        if index * size >= answer.totalCount:
            return
        index += 1


@check
def everything(fakes):
    """all entries under the root, with names, times, durations and categories"""
    truth = sorted((m["id"], m["name"], m["created_at"], m["duration"], m["categories"]) for m in fetch(fakes["base"] + "/_truth/media"))
    # One page: entries of one second may change places between pages.
    found = list(pages(client(fakes), ascending(categoriesFullNameIn=fakes["root"]), 500))
    same(sorted((m.id, m.name, m.createdAt, m.duration, m.categories) for m in found), truth, "entries")
    assert len(truth) > 50, "the university has hardly any videos"
    times = [m.createdAt for m in found]
    same(times, sorted(times), "order")


@check
def interval(fakes):
    """an interval includes both its ends"""
    truth = sorted(m["created_at"] for m in fetch(fakes["base"] + "/_truth/media"))
    low, high = truth[10], truth[-10]
    wanted = ascending(categoriesFullNameIn=fakes["root"], createdAtGreaterThanOrEqual=low, createdAtLessThanOrEqual=high)
    found = sorted(m.createdAt for m in client(fakes).media.list(wanted, KalturaFilterPager(pageSize=500)).objects)
    same(found, [t for t in truth if low <= t <= high], "times")


@check
def secret(fakes):
    """a wrong secret is refused"""
    raises(KalturaException, lambda: client(fakes, secret="wrong"), lambda e: e.code == "START_SESSION_ERROR")


@check
def expiry(fakes):
    """a session that expires while it is used"""
    kaltura = client(fakes, "-brief")
    for _ in range(3):
        kaltura.media.list(ascending(), KalturaFilterPager(pageSize=5))
    raises(KalturaException, lambda: kaltura.media.list(ascending()), lambda e: e.code == "INVALID_KS" and "-5,EXPIRED" in e.message)


@check
def rate(fakes):
    """a rate limit"""
    kaltura = client(fakes, "-busy")
    kaltura.media.list(ascending())
    raises(KalturaException, lambda: kaltura.media.list(ascending()), lambda e: e.code == "ACTION_BLOCKED")


@check
def cap(fakes):
    """no page behind the ten-thousandth entry, but a way around it"""
    kaltura = client(fakes, "-many")
    raises(
        KalturaException,
        lambda: kaltura.media.list(ascending(), KalturaFilterPager(pageSize=500, pageIndex=21)),
        lambda e: e.code == "QUERY_EXCEEDED_MAX_MATCHES_ALLOWED",
    )
    found, last, wanted = {}, [], ascending()
    while True:
        answer = kaltura.media.list(wanted, KalturaFilterPager(pageSize=500)).objects
        if not answer:
            break
        found.update((m.id, m.createdAt) for m in answer)
        newest = answer[-1].createdAt
        last = [id for id, at in found.items() if at == newest]
        wanted = ascending(createdAtGreaterThanOrEqual=newest, idNotIn=",".join(last))
    same(len(found), 10_600, "entries across the cap")
