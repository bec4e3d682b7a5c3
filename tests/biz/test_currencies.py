"""Currencies and rates that were deleted: their ids stay unique, so that no run stops."""

from datetime import datetime
from decimal import Decimal

from tests.harness import Project


def test_deleted_rates_and_currencies(project: Project) -> None:
    project.write("salesforce/Task", [{"Id": "00T000000000001", "bizible2__BizibleId__c": ""}])
    project.write("web/sessions", [{"ID": "s", "COOKIE_ID": "c", "EVENT_DATE": "2024-01-01 12:00:00"}])
    euro, live, deleted = {"IsoCode": "EUR"}, {"IsDeleted": "false"}, {"IsDeleted": "true"}
    project.write(
        "salesforce/CurrencyType",
        [
            # Deleted and created again; the last row is a tombstone.
            {"Id": "01LA00000000001AAA", "ConversionRate": "0.7"} | euro | deleted,
            {"Id": "01LA00000000002AAA", "ConversionRate": "0.9"} | euro | live,
            {"Id": "01LA00000000003AAA"} | deleted,
        ],
    )
    project.write(
        "salesforce/DatedConversionRate",
        [
            {"Id": "04wA00000000001AAA", "ConversionRate": "0.5", "StartDate": "2024-01-01"} | euro | deleted,
            {"Id": "04wA00000000002AAA", "ConversionRate": "0.8", "StartDate": "2024-01-01"} | euro | live,
            # Without a readable start, as is the flat rate.
            {"Id": "04wA00000000003AAA", "ConversionRate": "0.6", "StartDate": "0000-12-30"} | euro | live,
            {"Id": "04wA00000000004AAA"} | deleted,
        ],
    )
    project.land()
    project.build(select=["+biz_conversion_rates", "+biz_currencies"])
    project.publish()

    rates = project.query_published(
        "select ID, SOURCE_ISO_CODE, START_DATE, CONVERSION_RATE, IS_DELETED from biz_conversion_rates"
        " order by CONVERSION_RATE nulls last"
    )
    assert len({row.pop("ID") for row in rates} - {None}) == 6
    first_day = datetime(2024, 1, 1)
    assert [tuple(row.values()) for row in rates] == [
        ("EUR", first_day, Decimal("0.5"), True),
        ("EUR", None, Decimal("0.6"), False),
        ("EUR", None, Decimal("0.7"), True),
        ("EUR", first_day, Decimal("0.8"), False),
        ("EUR", None, Decimal("0.9"), False),
        (None, None, None, True),
    ]
    # One row per code, which the numbers of currencies are computed from.
    assert project.query_published("select ISO_CODE, _DELETED_DATE from biz_currencies") == [
        {"ISO_CODE": "EUR", "_DELETED_DATE": None}
    ]
