"""How visitors come to the sample dataset's site, each way with the channel that the default rule sheet gives it."""

from __future__ import annotations

from dataclasses import dataclass

OWN_HOST = "www.halden.example"


@dataclass(frozen=True)
class Arrival:
    """One way to arrive.

    `{campaign}`, `{content}`, `{term}` and `{creative}` in the query are filled from the ad. `channel_path`, `medium`
    and `source` are the expected results of rules R2.2, R2.4 and R3.1 to R3.3 for such a landing page and referrer;
    `share` is how often it occurs, as a part of all.
    """

    name: str
    share: int
    channel_path: str
    source: str
    medium: str | None = None
    query: str | None = None
    click_id: str | None = None  # name of the click-id parameter; its value differs from visit to visit
    referrer: str | None = None
    referrer_name: str | None = None
    web_source: str | None = None
    ad_provider: str | None = None
    ad_columns: bool = False  # the source resolved the ad: campaign, group, creative and keyword are filled
    utm_columns: bool = True  # the source parsed utm_* into its own columns; otherwise only the landing page has them


UTM = "utm_source={source}&utm_medium={medium}&utm_campaign={{campaign}}&utm_content={{content}}&utm_term={{term}}"


def _utm(source: str, medium: str) -> str:
    return UTM.format(source=source, medium=medium)


ARRIVALS = (
    # The source resolved a Google ad and there is no utm_ parameter: the medium is CPC by R2.2.
    Arrival(
        "google_ad",
        9,
        "Paid Search.AdWords",
        "Google AdWords",
        "CPC",
        "_bt={creative}&_bk={term}&_bm=p&_bn=search",
        "gclid",
        "https://www.google.com/",
        "Google",
        "Google AdWords",
        "Google",
        ad_columns=True,
    ),
    # Auto-tagged and tagged by hand: the click id names the platform, and CPC precedes the page's utm_medium.
    Arrival(
        "google_ad_tagged",
        6,
        "Paid Search.AdWords",
        "Google AdWords",
        "CPC",
        _utm("google", "cpc"),
        "gclid",
        "https://www.google.com/",
        "Google",
        utm_columns=False,
    ),
    Arrival(
        "bing_ad",
        4,
        "Paid Search.Bing",
        "BingAds",
        "cpc",
        _utm("bing", "cpc"),
        "msclkid",
        "https://www.bing.com/",
        "Bing",
        "BingAds",
        "Bing",
        ad_columns=True,
    ),
    Arrival(
        "yahoo_ad",
        2,
        "Paid Search.Yahoo",
        "yahoo",
        "cpc",
        _utm("yahoo", "cpc"),
        None,
        "https://search.yahoo.com/",
        "Yahoo",
    ),
    Arrival(
        "duckduckgo_ad",
        1,
        "Paid Search.Other",
        "duckduckgo",
        "cpc",
        _utm("duckduckgo", "cpc"),
        None,
        "https://duckduckgo.com/",
        "DuckDuckGo",
        utm_columns=False,
    ),
    Arrival(
        "doubleclick",
        2,
        "Display.DoubleClick",
        "DoubleClick",
        "display",
        _utm("dcm", "display"),
        "dclid",
        "https://ad.doubleclick.net/",
        "DoubleClick",
        "DoubleClick",
        "DoubleClick",
        ad_columns=True,
    ),
    # No utm_ parameter and no search: no medium.
    Arrival(
        "google_display",
        2,
        "Display.Google",
        "Google AdWords",
        None,
        "_bt={creative}&_bn=display",
        "gclid",
        "https://news.labreview.example/articles/",
        "Lab Review",
        "Google AdWords",
        "Google",
        ad_columns=True,
    ),
    Arrival(
        "facebook_ad",
        4,
        "Paid Social.Facebook",
        "Facebook",
        "paid_social",
        _utm("facebook", "paid_social"),
        "fbclid",
        "https://l.facebook.com/",
        "Facebook",
        "Facebook",
        "Facebook",
        ad_columns=True,
    ),
    Arrival(
        "linkedin_ad",
        3,
        "Paid Social.LinkedIn",
        "LinkedIn",
        "paid_social",
        _utm("linkedin", "paid_social"),
        "li_fat_id",
        "https://www.linkedin.com/",
        "LinkedIn",
        "LinkedIn",
        "LinkedIn",
        ad_columns=True,
    ),
    Arrival(
        "tiktok_ad",
        1,
        "Paid Social.Other",
        "TikTok",
        "paid_social",
        _utm("tiktok", "paid_social"),
        "ttclid",
        "https://www.tiktok.com/",
        "TikTok",
    ),
    Arrival(
        "google",
        14,
        "Organic Search.Google",
        "Organic - Google",
        "Search",
        None,
        None,
        "https://www.google.com/",
        "Google",
    ),
    Arrival("bing", 4, "Organic Search.Bing", "Organic - Bing", "Search", None, None, "https://www.bing.com/", "Bing"),
    Arrival(
        "yahoo",
        2,
        "Organic Search.Yahoo",
        "Organic - Yahoo",
        "Search",
        None,
        None,
        "https://search.yahoo.com/",
        "Yahoo",
    ),
    Arrival(
        "facebook", 2, "Social.Facebook", "l.facebook.com", None, None, None, "https://l.facebook.com/", "Facebook"
    ),
    # WEB_SOURCE repeats utm_source: a tagged post is not an ad.
    Arrival(
        "facebook_post",
        1,
        "Social.Facebook",
        "Facebook",
        "post",
        _utm("Facebook", "post"),
        None,
        "https://l.facebook.com/",
        "Facebook",
        "Facebook",
    ),
    Arrival("linkedin", 2, "Social.LinkedIn", "lnkd.in", None, None, None, "https://lnkd.in/", "LinkedIn"),
    Arrival(
        "linkedin_post",
        1,
        "Social.LinkedIn",
        "linkedin",
        "post",
        _utm("linkedin", "post"),
        None,
        "https://www.linkedin.com/",
        "LinkedIn",
        "linkedin",
        utm_columns=False,
    ),
    Arrival("twitter", 1, "Social.Twitter", "t.co", None, None, None, "https://t.co/", "Twitter"),
    Arrival("social_post", 1, "Social.Other", "mastodon", "social", _utm("mastodon", "social"), None),
    Arrival(
        "banner",
        2,
        "Display.Other",
        "labreview",
        "display",
        _utm("labreview", "display"),
        None,
        "https://news.labreview.example/articles/",
        "Lab Review",
    ),
    # No row of the default sheet knows email or plain referrals.
    Arrival(
        "newsletter", 5, "Other", "newsletter", "email", _utm("newsletter", "email"), None, None, None, "newsletter"
    ),
    Arrival(
        "referral",
        4,
        "Other",
        "news.labreview.example",
        None,
        None,
        None,
        "https://news.labreview.example/articles/",
        "Lab Review",
    ),
    Arrival("direct", 25, "Direct", "Web Direct"),
    # A referrer on the own site is internal.
    Arrival("own_site", 2, "Direct", "Web Direct", None, None, None, f"https://{OWN_HOST}/about"),
)

ARRIVAL_NUMBERS = {arrival.name: number for number, arrival in enumerate(ARRIVALS)}
# One slot a part: a random slot is an arrival as often as its share says.
ARRIVAL_SLOTS = [number for number, arrival in enumerate(ARRIVALS) for _ in range(arrival.share)]
