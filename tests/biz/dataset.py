"""A dataset of a few people, small enough to know every number of it."""

from tests.harness import Project

ANNA, BEN = "1" * 32, "2" * 32
CAMPAIGN = "701A00000000001AAA"
ACCOUNT, OPPORTUNITY, LOST = "001A00000000001IAA", "006A00000000001IAA", "006A00000000002IAA"
CONTACT, LEAD, CONVERTED = "003A00000000001IAA", "00QA00000000001MAA", "00QA00000000002MAA"
MERGED, SEPARATE, WITHOUT_ID, DELETED = (f"00TA0000000000{number}MAA" for number in (1, 2, 3, 4))
FIRST, SECOND, BENS = (
    "2024-03-01:10-00-00-1.111111111111",
    "2024-03-05:09-00-00-2.111111111111",
    "2024-03-06:08-00-00-3.222222222222",
)


def write(project: Project) -> None:
    """Anna comes from a paid search, calls, comes back, fills in a form, and buys; Ben asks in a chat."""
    project.write(
        "web/sessions",
        [
            {
                "ID": FIRST,
                "COOKIE_ID": ANNA,
                "VISITOR_ID": f"v_{ANNA}",
                "EVENT_DATE": "2024-03-01 10:00:00",
                "MODIFIED DATE": "2024-03-01 11:00:00",
                "LANDING_PAGE_RAW": "https://www.acme.test/demo?utm_source=google&utm_medium=cpc&gclid=abc",
                "REFERRER_PAGE_RAW": "https://www.google.com/search?q=acme",
                "WEB_SOURCE": "Google AdWords",
                "AD_PROVIDER": "Google",
                "CAMPAIGN_NAME": "Brand",
                "CAMPAIGN_UNIQUE_ID": "aw.1.2",
                "CREATIVE_UNIQUE_ID": "aw.1.2.3.4",
                "CREATIVE_NAME": "Call us",
                "ACCOUNT_UNIQUE_ID": "aw.1",
                "ACCOUNT_NAME": "Main account",
                "ADVERTISER_UNIQUE_ID": "dc.1",
                "ADVERTISER_NAME": "Acme",
                "AD_GROUP_UNIQUE_ID": "aw.1.2.3",
                "AD_GROUP_NAME": "Freezers",
                "KEYWORD_UNIQUE_ID": "aw.1.2.3.5",
                "KEYWORD_NAME": "freezers",
                "SITE_UNIQUE_ID": "dc.2",
                "PLACEMENT_UNIQUE_ID": "dc.3",
                "PLACEMENT_NAME": "Banner",
                "SITE_NAME": "Search network",
                "DEVICE": "Chrome (65.0), Windows (6.1)",
                "CITY": "Vienna",
                "IS_FIRST_SESSION": "true",
                "_CREATED_DATE": "2024-03-02 00:00:00",
            },
            {
                "ID": SECOND,
                "COOKIE_ID": ANNA,
                "EVENT_DATE": "2024-03-05 09:00:00",
                "LANDING_PAGE_RAW": "https://www.acme.test/prices",
                "DEVICE": "something else",
                "ACCOUNT_UNIQUE_ID": "aw.1",
                "ACCOUNT_NAME": "Main account",
                # The campaign was renamed.
                "CAMPAIGN_UNIQUE_ID": "aw.1.2",
                "CAMPAIGN_NAME": "Brand Austria",
                "AD_UNIQUE_ID": "dc.4",
                "AD_NAME": "Picture",
            },
            {
                "ID": BENS,
                "COOKIE_ID": BEN,
                "EVENT_DATE": "2024-03-06 08:00:00",
                "LANDING_PAGE_RAW": "https://www.acme.test/",
                "REFERRER_PAGE_RAW": "https://www.linkedin.com:8443/feed",
            },
            {
                "ID": "gone",
                "COOKIE_ID": BEN,
                "EVENT_DATE": "2024-03-07 08:00:00",
                "_DELETED_DATE": "2024-03-08 00:00:00",
            },
        ],
    )
    project.write(
        "web/page_views",
        [
            {
                "ID": "page-1",
                "COOKIE_ID": ANNA,
                "SESSION_ID": FIRST,
                "EVENT_DATE": "2024-03-01 10:00:00",
                "CURRENT_PAGE_RAW": "https://www.acme.test/demo?a=1",
                "PAGE_TITLE": "Demo",
                "CLIENT_SEQUENCE": "1",
                "IS_DUPLICATED": "false",
            },
            {
                "ID": "page-2",
                "COOKIE_ID": ANNA,
                "SESSION_ID": "gone",
                "EVENT_DATE": "2024-03-01 10:01:00",
                "CURRENT_PAGE_RAW": "https://www.acme.test/thanks",
                "IS_DUPLICATED": "true",
            },
        ],
    )
    project.write(
        "web/form_submits",
        [
            {
                "ID": "form-1",
                "COOKIE_ID": ANNA,
                "SESSION_ID": SECOND,
                "EVENT_DATE": "2024-03-05 09:03:00",
                "EMAIL": "Anna@Acme-Customer.test",
                "CURRENT_PAGE_RAW": "https://www.acme.test/prices?form=1",
                "FORM_TYPE": "Form",
            },
            {
                "ID": "form-2",
                "COOKIE_ID": ANNA,
                "SESSION_ID": "gone",
                "EVENT_DATE": "2024-03-07 08:03:00",
                "IS_DUPLICATED": "true",
            },
            {
                "ID": "chat-1",
                "COOKIE_ID": BEN,
                "SESSION_ID": BENS,
                "EVENT_DATE": "2024-03-06 08:05:00",
                "EMAIL": "ben@elsewhere.test",
                "FORM_TYPE": "Chat",
            },
        ],
    )
    project.write(
        "web/email_to_visitor_ids",
        [{"ID": "map-1", "EMAIL": "Anna.Private@mail.test", "VISITOR_ID": f"v_{ANNA}", "CREATED_DATE": "2024-03-01"}],
    )
    project.write(
        "salesforce/Task",
        [
            {
                "Id": MERGED[:15],
                "WhoId": CONTACT[:15],
                "Type": "Call",
                "CallType": "Inbound",
                "CreatedDate": "2024-03-01T10:12:00.000+0000",
                "LastModifiedDate": "2024-03-01T10:13:00.000+0000",
                "ActivityDate": "2024-03-01",
                "bizible2__BizibleId__c": ANNA.upper(),
            },
            {
                "Id": SEPARATE,
                "WhoId": LEAD,
                "Type": "Call",
                "CreatedDate": "2024-03-06T09:00:00.000Z",
                "bizible2__BizibleId__c": BEN,
            },
            {"Id": WITHOUT_ID, "TaskSubtype": "Call", "CreatedDate": "2024-03-07T09:00:00.000Z"},
            {
                "Id": DELETED,
                "Type": "Call",
                "CreatedDate": "2024-03-07T09:00:00.000Z",
                "SystemModstamp": "2024-03-09T09:00:00.000Z",
                "IsDeleted": "true",
                "bizible2__BizibleId__c": BEN,
            },
        ],
    )
    project.write(
        "salesforce/Contact",
        [
            {
                "Id": CONTACT,
                "AccountId": ACCOUNT,
                "Email": "anna@acme-customer.test",
                "CreatedDate": "2024-03-05T10:00:00Z",
                "LastModifiedDate": "2024-03-08T00:00:00Z",
                "SystemModstamp": "2024-03-09T00:00:00Z",
                "Title": "Head of Laboratory",
            }
        ],
    )
    project.write(
        "salesforce/Lead",
        [
            {"Id": LEAD, "Email": "ben@elsewhere.test", "CreatedDate": "2024-03-06T09:00:00Z", "Status": "Working"},
            {
                "Id": CONVERTED,
                "Email": "anna.private@mail.test",
                "CreatedDate": "2024-03-02T09:00:00Z",
                "IsConverted": "true",
                "ConvertedContactId": CONTACT,
            },
            {
                "Id": "00QA00000000003MAA",
                "Email": "gone@mail.test",
                "CreatedDate": "2024-03-02T09:00:00Z",
                "SystemModstamp": "2024-03-03T09:00:00Z",
                "IsDeleted": "true",
            },
        ],
    )
    project.write(
        "salesforce/Account",
        [
            {
                "Id": ACCOUNT,
                "Name": "Customer",
                "Website": "https://www.acme-customer.test/en",
                "BillingCountry": "Austria",
                "Tier__c": 'gold "A"',
                'It\'s {{ odd }} "name"': "ü",
                "Empty__c": "",
                "_fivetran_synced": "2024-01-02T00:00:00Z",
                "CreatedDate": "2024-01-01T00:00:00Z",
            }
        ],
    )
    project.write(
        "salesforce/Opportunity",
        [
            # A thousand million: percentages times amounts must not overflow.
            {
                "Id": OPPORTUNITY,
                "AccountId": ACCOUNT,
                "Name": "Freezers",
                "StageName": "Closed Won",
                "Amount": "5000000000",
                "CurrencyIsoCode": "EUR",
                "CreatedDate": "2024-03-05T12:00:00Z",
                "CloseDate": "2024-03-20",
                "SystemModstamp": "2024-03-21T00:00:00Z",
                "IsClosed": "true",
                "IsWon": "true",
            },
            {
                "Id": LOST,
                "Name": "No account",
                "StageName": "Open",
                "Amount": "10",
                "CurrencyIsoCode": "EUR",
                "CreatedDate": "2024-03-05T12:00:00Z",
                "CloseDate": "2024-04-20",
            },
        ],
    )
    project.write(
        "salesforce/OpportunityHistory",
        [
            {
                "Id": f"008A0000000000{number}AAA",
                "OpportunityId": OPPORTUNITY,
                "StageName": stage,
                "CreatedDate": f"2024-03-0{number}T12:00:00Z",
                "SystemModstamp": "2024-03-22T00:00:00Z" if stage == "Offer" else None,
            }
            for number, stage in ((5, "Open"), (6, "Offer"), (7, "Closed Won"))
        ],
    )
    project.write(
        "salesforce/Campaign",
        [
            {
                "Id": CAMPAIGN,
                "Name": "Fair",
                "Type": "Event",
                "CreatedDate": "2024-01-01",
                "bizible2__Bizible_Attribution_SyncType__c": "Exclude all Campaign Members",
            },
        ],
    )
    project.write(
        "salesforce/CampaignMember",
        [
            {
                "Id": "00vA00000000001AAA",
                "CampaignId": CAMPAIGN,
                "ContactId": CONTACT,
                "Status": "Responded",
                "HasResponded": "true",
            },
        ],
    )
    project.write(
        "salesforce/Event",
        [
            {
                "Id": "00UA00000000001AAA",
                "WhoId": CONTACT,
                "StartDateTime": "2024-03-10T09:00:00Z",
                "EndDateTime": "2024-03-10T10:00:00Z",
                "Room__c": "4",
            }
        ],
    )
    project.write(
        "salesforce/CurrencyType",
        [
            {
                "Id": "01LA00000000001AAA",
                "IsoCode": "EUR",
                "ConversionRate": "1",
                "IsCorporate": "true",
                "IsActive": "true",
                "DecimalPlaces": "2",
            }
        ],
    )
    project.write("spend/marketing_spend", [{"Channel": "Fairs", "Month": "2024-02", "Cost": "29"}])
    project.write(
        "spend/ad_costs",
        [
            {
                "ID": "cost-1",
                "COST_DATE": "2024-03-01",
                "COST_IN_MICRO": "1500000",
                "CLICKS": "3",
                "AD_PROVIDER": "Bing",
                "CHANNEL_NAME": "Paid Search.BingAds",
                "CAMPAIGN_UNIQUE_ID": "ba.1",
                "CAMPAIGN_NAME": "Freezers",
                "CAMPAIGN_IS_AGGREGATABLE_COST": "true",
            },
            {
                "ID": "cost-2",
                "COST_DATE": "2024-03-01",
                "COST_IN_MICRO": "1500000",
                "AD_PROVIDER": "Bing",
                "CHANNEL_NAME": "Paid Search.BingAds",
                "AD_GROUP_UNIQUE_ID": "ba.1.2",
                "AD_GROUP_IS_AGGREGATABLE_COST": "true",
            },
            {
                "ID": "cost-3",
                "COST_DATE": "2024-03-01",
                "COST_IN_MICRO": "1",
                "CHANNEL_NAME": "Paid Search.BingAds",
                "IS_DELETED": "true",
                "MODIFIED_DATE": "2024-03-02",
            },
        ],
    )
    project.write(
        "salesforce/DatedConversionRate",
        [
            {
                "Id": "04wA00000000001AAA",
                "IsoCode": "EUR",
                "ConversionRate": "1.00000000",
                "StartDate": "2024-01-01",
                "NextStartDate": "2024-06-01",
            }
        ],
    )
