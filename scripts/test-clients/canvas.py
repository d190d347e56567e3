"""canvasapi, the de-facto client of Canvas for Python."""

from canvasapi import Canvas
from canvasapi.exceptions import Forbidden, InvalidAccessToken, ResourceDoesNotExist

from harness import check, fetch, fetch_lines, raises, same


def canvas(fakes, token=None):
    return Canvas(fakes["base"], token or fakes["canvas"]["canvas_token"])


def truth(fakes, table):
    return fetch_lines(f"{fakes['base']}/_campus/truth?table={table}")


@check
def courses(fakes):
    """courses of the terms with students, over several pages"""
    found = set()
    account = canvas(fakes).get_account(fakes["canvas"]["account_id"])
    for term in fakes["canvas"]["term_ids"]:
        for course in account.get_courses(enrollment_term_id=term, with_enrollments=True, include=["total_students"], per_page=7):
            if course.total_students > 0:
                found.add((course.id, getattr(course, "original_name", course.name), course.account_id, course.workflow_state))
    same(found, {(c["canvas_id"], c["name"], c["account_id"], c["workflow_state"]) for c in truth(fakes, "course")}, "courses")


@check
def enrollments(fakes):
    """enrollments of every course, over bookmarked pages"""
    states = ["active", "invited", "creation_pending", "rejected", "completed", "inactive"]
    wanted, found = set(), set()
    for row in truth(fakes, "enrollment"):
        wanted.add((row["canvas_id"], row["course_id"], row["course_section_id"], row["user_id"], row["workflow_state"], row["role_type"]))
    for row in truth(fakes, "course"):
        for e in canvas(fakes).get_course(row["canvas_id"]).get_enrollments(state=states, per_page=50):
            found.add((e.id, e.course_id, e.course_section_id, e.user_id, e.enrollment_state, e.type))
    same(found, wanted, "enrollments")


@check
def tabs(fakes):
    """the navigation of every course"""
    for id, wanted in fetch(fakes["base"] + "/_truth/tabs").items():
        found = [{"id": t.id, "label": t.label, "hidden": getattr(t, "hidden", False)} for t in canvas(fakes).get_course(int(id)).get_tabs()]
        same(found, wanted, f"tabs of course {id}")


@check
def terms(fakes):
    """the terms"""
    wanted = {(t["canvas_id"], t["name"], t["sis_id"]) for t in truth(fakes, "term")}
    found = {(t.id, t.name, t.sis_term_id) for t in canvas(fakes).get_account(1).get_enrollment_terms()}
    same(wanted - found, set(), "terms that are lacking")


@check
def graphql(fakes):
    """a query over GraphQL"""
    course = truth(fakes, "course")[0]["canvas_id"]
    wanted = [e for e in truth(fakes, "enrollment") if e["course_id"] == course]
    query = "query q($id: ID!) { course(id: $id) { enrollmentsConnection(first: 100) { nodes { _id type } } } }"
    nodes = canvas(fakes).graphql(query, {"id": course})["data"]["course"]["enrollmentsConnection"]["nodes"]
    same({(int(n["_id"]), n["type"]) for n in nodes}, {(e["canvas_id"], e["role_type"]) for e in wanted}, "enrollments")


@check
def refusals(fakes):
    """a wrong token, an unknown course, a right that is missing"""
    raises(InvalidAccessToken, lambda: canvas(fakes, "wrong").get_account(1))
    raises(ResourceDoesNotExist, lambda: canvas(fakes).get_course(1))
    course = truth(fakes, "course")[0]["canvas_id"]
    lesser = canvas(fakes, fakes["canvas"]["lesser_tokens"]["no_analytics"])
    raises(Forbidden, lambda: lesser.get_course(course).get_course_level_participation_data())
