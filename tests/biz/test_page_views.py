"""The sessions of page views, as the views with Marketo Measure's names show them."""

from tests.harness import Project


def test_a_page_view_has_the_session_to_which_it_belongs(project: Project) -> None:
    cookie = "0a51c0de00000000000000000000ab01"
    project.write("salesforce/Task", [{"Id": "00T000000000001", "bizible2__BizibleId__c": ""}])
    project.write(
        "web/sessions",
        [
            {"ID": "live", "COOKIE_ID": cookie, "EVENT_DATE": "2024-05-06 12:00:00", "IS_DELETED": "false"},
            {"ID": "gone", "COOKIE_ID": cookie, "EVENT_DATE": "2024-05-06 12:01:00", "IS_DELETED": "true"},
        ],
    )
    view = {
        "COOKIE_ID": cookie,
        "CURRENT_PAGE_RAW": "https://www.harbourdesk.example/",
        "SESSION_ID": "",
        "IS_DELETED": "",
        "TYPE": "",
    }
    project.write(
        "web/page_views",
        [
            view | {"ID": "named", "EVENT_DATE": "2024-05-06 12:01:00", "SESSION_ID": "live"},
            view | {"ID": "by time", "EVENT_DATE": "2024-05-06 12:05:00"},
            view | {"ID": "of a deleted session", "EVENT_DATE": "2024-05-06 12:07:00", "SESSION_ID": "gone"},
            view | {"ID": "too late", "EVENT_DATE": "2024-05-06 13:00:00"},
            view | {"ID": "deleted", "EVENT_DATE": "2024-05-06 12:08:00", "SESSION_ID": "live", "IS_DELETED": "true"},
            view | {"ID": "no page view", "EVENT_DATE": "2024-05-06 12:09:00", "SESSION_ID": "live", "TYPE": "Scroll"},
        ],
    )
    project.land()
    project.build(select=["+biz_page_views"])
    project.publish()

    views = project.query_published("select ID, SESSION_ID from biz_page_views order by EVENT_DATE")
    assert {view["ID"]: view["SESSION_ID"] for view in views} == {
        "named": "live",
        "by time": "live",
        "of a deleted session": "live",
        "too late": None,
        "deleted": "live",
        "no page view": "live",
    }
