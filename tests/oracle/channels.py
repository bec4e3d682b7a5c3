"""Where a visit came from: R2.2 and R2.4 (medium, source, ad) and R3 (channels)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import values
from .dataset import Row, Seeds, Variables


@dataclass
class Web:
    """What the web knows of a visit: the source's own columns, else its landing page (R2.4)."""

    landing_page: str | None
    landing_page_raw: str | None
    referrer_page: str | None
    utm_campaign: str | None
    utm_medium: str | None
    utm_source: str | None
    has_utm: bool
    click_id: dict[str, str] | None
    ad_platform: str | None
    ad_network: str | None
    named_ad: tuple[str | None, str | None]
    search_engine: str | None
    social_network: str | None
    referrer_host: str | None
    is_external_referrer: bool
    is_ignored_referrer: bool
    click_values: tuple[tuple[str, str], ...]
    origin: tuple[object, ...]
    own: dict[str, str | None]
    parameters: dict[str, str]

    @staticmethod
    def of_session(row: Row, ours: list[str], variables: Variables, seeds: Seeds) -> Web:
        return read_web(row, "LANDING_PAGE", ours, variables, seeds)

    @staticmethod
    def of_page_view(row: Row, ours: list[str], variables: Variables, seeds: Seeds) -> Web:
        return read_web(row, "CURRENT_PAGE", ours, variables, seeds)

    @staticmethod
    def nothing(ours: list[str], variables: Variables, seeds: Seeds) -> Web:
        """A session that a form opened and that has no page view."""
        return read_web(Row({}), "CURRENT_PAGE", ours, variables, seeds)

    @property
    def is_direct(self) -> bool:
        """R3.3: neither an external referrer nor a click id nor a utm_ parameter."""
        return not (self.is_external_referrer or self.click_id is not None or self.has_utm)

    @property
    def is_arrival(self) -> bool:
        """R4.1: as not direct, but a return from a payment or sign-in page does not count."""
        arrives = self.is_external_referrer and not self.is_ignored_referrer
        return arrives or self.click_id is not None or self.has_utm

    @property
    def medium(self) -> str | None:
        """R2.2: MEDIUM, CPC for a resolved paid-search click, utm_medium, Search for an organic search."""
        if self.own["MEDIUM"] is not None:
            return self.own["MEDIUM"]
        if self.is_paid_search_click:
            return "CPC"
        return self.utm_medium or ("Search" if self.organic_engine is not None else None)

    @property
    def is_paid_search_click(self) -> bool:
        return self.ad_platform is not None and self.ad_network == "search"

    @property
    def organic_engine(self) -> str | None:
        """R2: a search engine, unless a resolved platform or `ad_parameters` says that it was an ad."""
        return self.search_engine if self.ad_platform is None and self.named_ad[0] is None else None

    @property
    def source(self) -> str:
        """R2.4: ad platform, organic search, utm_source, external host, unpaid click id, Web Direct."""
        if self.ad_platform is not None:
            return self.ad_platform
        if self.organic_engine is not None:
            return f"Organic - {self.organic_engine}"
        if self.utm_source is not None:
            return self.utm_source
        if self.is_external_referrer and self.referrer_host is not None:
            return self.referrer_host
        return self.click_id["ad_platform"] if self.click_id else "Web Direct"

    def invented_id(self, value: str | None) -> str | None:
        return f"__GAId__{value}" if self.ad_platform is None and value is not None else None

    def ad(self) -> dict[str, str | None]:
        """R2.4: ad campaign, content and keyword; ids without a platform are `__GAId__` and the value."""
        own, parameters = self.own, self.parameters
        campaign = own["CAMPAIGN"] or parameters.get("utm_campaign")
        content = own["CONTENT"] or parameters.get("utm_content")
        term, searched = own["TERM"] or parameters.get("utm_term"), parameters.get("_bk")
        keyword = (searched or term) if self.is_paid_search_click else (term or searched)
        campaign = own["CAMPAIGN_NAME"] or campaign
        keyword = own["KEYWORD_NAME"] or keyword
        return {
            "ad_campaign_name": campaign,
            "ad_campaign_id": own["CAMPAIGN_UNIQUE_ID"] or self.invented_id(campaign),
            "ad_group_name": own["AD_GROUP_NAME"],
            "ad_group_id": own["AD_GROUP_UNIQUE_ID"],
            "ad_content": content,
            "ad_id": own["AD_UNIQUE_ID"] or own["CREATIVE_UNIQUE_ID"] or self.invented_id(content),
            "keyword_text": keyword,
            "keyword_id": own["KEYWORD_UNIQUE_ID"] or self.invented_id(keyword),
            "search_phrase": own["SEARCH_PHRASE"],
        }


OWN_COLUMNS = (
    *("CAMPAIGN", "CONTENT", "TERM", "CAMPAIGN_NAME", "CAMPAIGN_UNIQUE_ID", "AD_GROUP_NAME", "AD_GROUP_UNIQUE_ID"),
    *("AD_UNIQUE_ID", "CREATIVE_UNIQUE_ID", "KEYWORD_NAME", "KEYWORD_UNIQUE_ID", "SEARCH_PHRASE"),
    *("CITY", "REGION", "COUNTRY", "DEVICE", "MEDIUM"),
)


def read_web(row: Row, page: str, ours: list[str], variables: Variables, seeds: Seeds) -> Web:
    raw = values.without_user_info(row.text(f"{page}_RAW"))
    address = raw or row.text(page)
    parameters = values.parameters(address)
    raw_referrer = values.referrer(row.text("REFERRER_PAGE_RAW"))
    referrer_host = values.host(raw_referrer or values.referrer(row.text("REFERRER_PAGE")))
    if page == "CURRENT_PAGE":  # page views have no utm columns of their own
        own = dict.fromkeys(OWN_COLUMNS)
        own_medium = own_source = None
    else:
        own = {name: row.text(name) for name in OWN_COLUMNS}
        own_medium, own_source = row.text("MEDIUM"), row.text("SOURCE")
    utm_medium = own_medium or parameters.get("utm_medium")
    utm_source = own_source or parameters.get("utm_source")
    has_utm = any(name.startswith("utm_") for name in values.parameter_names(address)) or any(
        (own_medium, own_source, own["CAMPAIGN"], own["TERM"], own["CONTENT"])
    )
    is_external_referrer = is_external(referrer_host, ours, variables, seeds)
    external_host = referrer_host if is_external_referrer else None
    named = parameters | ({"utm_medium": utm_medium} if utm_medium else {})
    platform, network = resolved_ad(row, named, utm_source, seeds)
    click_id = first_click_id(parameters, seeds)
    return Web(
        landing_page=values.without_user_info(row.text(page)) or values.page(raw),
        landing_page_raw=raw,
        referrer_page=values.referrer(row.text("REFERRER_PAGE")) or values.page(raw_referrer),
        utm_campaign=own["CAMPAIGN"] or parameters.get("utm_campaign"),
        utm_medium=utm_medium,
        utm_source=utm_source,
        has_utm=has_utm,
        click_id=click_id,
        ad_platform=platform,
        ad_network=network,
        named_ad=named_ad(utm_source, utm_medium, named, seeds),
        search_engine=by_host(seeds.search_engines, "search_engine", external_host) if platform is None else None,
        social_network=social_network(external_host, click_id, seeds) if platform is None else None,
        referrer_host=referrer_host,
        is_external_referrer=is_external_referrer,
        is_ignored_referrer=any(
            values.host_matches(row["host_pattern"], referrer_host or "") for row in seeds.ignored_referrers
        ),
        click_values=tuple(
            sorted(pair for pair in parameters.items() if pair[0] in {row["parameter"] for row in seeds.click_ids})
        ),
        origin=(
            raw_referrer or values.referrer(row.text("REFERRER_PAGE")),
            {pair for pair in values.query_parts(address) if pair[0].startswith("utm_")},
        ),
        own=own,
        parameters=parameters,
    )


def is_external(host: str | None, ours: list[str], variables: Variables, seeds: Seeds) -> bool:
    """R4.1 ours with their sub-domains; R3.4: with carry-over, identity providers never count as an arrival."""
    if host is None:
        return False
    if any(host == own or host.endswith("." + own) for own in ours):
        return False
    return not (
        variables.session_channel_carryover
        and any(values.host_matches(row["host_pattern"], host) for row in seeds.identity_providers)
    )


def by_host(seed: list[dict[str, str]], name: str, host: str | None) -> str | None:
    for row in seed:
        if host is not None and values.host_matches(row["host_pattern"], host):
            return row[name]
    return None


def social_network(host: str | None, click_id: dict[str, str] | None, seeds: Seeds) -> str | None:
    """By the referrer, else by a click id that a network adds to links that nobody paid for."""
    return by_host(seeds.social_networks, "social_network", host) or (click_id["ad_platform"] if click_id else None)


def first_click_id(parameters: dict[str, str], seeds: Seeds) -> dict[str, str] | None:
    for row in sorted(seeds.click_ids, key=lambda row: int(row["priority"])):
        if row["parameter"] in parameters:
            return row
    return None


def network_parameter(parameters: dict[str, str], seeds: Seeds) -> str | None:
    """R3.2: the network that the first parameter with a known value names."""
    for known in sorted(seeds.ad_networks, key=lambda known: int(known["priority"])):
        if (parameters.get(known["parameter"]) or "").lower() == known["network_value"]:
            return known["ad_network"]
    return None


def network_of(usual: str, named: str | None) -> str:
    """A social ad stays one, whatever network the landing page names."""
    return usual if usual == "social" or named is None else named


def resolved_ad(
    row: Row, parameters: dict[str, str], utm_source: str | None, seeds: Seeds
) -> tuple[str | None, str | None]:
    """R2.4: the ad platform by WEB_SOURCE, AD_PROVIDER or a click id that is paid for.

    A WEB_SOURCE that only repeats utm_source was parsed from the page and resolves nothing.
    """
    network = network_parameter(parameters, seeds)
    for column in ("WEB_SOURCE", "AD_PROVIDER"):
        value = (row.text(column) or "").lower()
        if column == "WEB_SOURCE" and value == (utm_source or "").lower():
            continue
        for known in seeds.ad_platforms:
            if known["found_in"] == column and known["value"].lower() == value:
                return known["ad_platform"], network_of(known["ad_network"], network)
    for known in sorted(seeds.click_ids, key=lambda known: int(known["priority"])):
        if known["parameter"] in parameters and known["is_paid"] == "true":
            return known["ad_platform"], network_of(known["ad_network"], network)
    return None, None


def named_ad(
    utm_source: str | None, utm_medium: str | None, parameters: dict[str, str], seeds: Seeds
) -> tuple[str | None, str | None]:
    """R3.2: source and medium that say paid search, for the conditions only."""
    for known in seeds.ad_parameters:
        if (utm_source or "").lower() == known["utm_source"] and (utm_medium or "").lower() == known["utm_medium"]:
            return known["ad_platform"], network_of(known["ad_network"], network_parameter(parameters, seeds))
    return None, None


def holds(condition: str, web: Web, seeds: Seeds) -> bool:
    """R3.2: a built-in condition in square brackets."""
    row = next(row for row in seeds.builtin_conditions if row["condition"].lower() == condition.lower())
    platform, network = (web.ad_platform, web.ad_network) if web.ad_platform else web.named_ad
    if row["is_direct"] == "true":
        return web.is_direct
    facts = {
        "ad_platform": platform,
        "ad_network": network,
        # A visit from an ad, or one whose parameters indicate an ad, is not organic.
        "search_engine": web.search_engine if platform is None else None,
        "social_network": web.social_network if platform is None else None,
    }
    for name, value in facts.items():
        wanted = row[name]
        if wanted == "*" and value is None:
            return False
        if wanted not in ("", "*") and wanted != value:
            return False
    return True


def cell_matches(cell: str | None, value: str | None) -> bool:
    """R3.1: an empty cell says nothing; a filled one, `*` included, never matches an empty value."""
    if values.text(cell) is None:
        return True
    if value is None:
        return False
    return any(values.matches_pattern(wanted, value) for wanted in alternatives(cell))


def alternatives(cell: str | None) -> list[str]:
    return [wanted for part in (cell or "").split(";") if (wanted := values.text(part)) is not None]


def page_matches(cell: str | None, address: str | None) -> bool:
    """R3.1: pages are compared without scheme and query; a last slash does not matter."""
    if values.text(cell) is None:
        return True
    page = values.page(address)
    if page is None:
        return False
    pages = (page.removesuffix("/"), page.removesuffix("/") + "/")
    wanted_pages = [
        values.without_scheme(wanted) if "*" in wanted else values.page(wanted) or wanted
        for wanted in alternatives(cell)
    ]
    return any(values.matches_pattern(wanted, page) for wanted in wanted_pages for page in pages)


def referrer_matches(cell: str | None, web: Web | None, seeds: Seeds) -> bool:
    """R3.1, R3.2: a condition in brackets, or a host with its sub-domains, `.com` left out or not."""
    if values.text(cell) is None:
        return True
    if web is None:
        return False
    for wanted in alternatives(cell):
        if wanted.startswith("["):
            if holds(wanted.strip("[]"), web, seeds):
                return True
            continue
        if web.referrer_host is None or not web.is_external_referrer:
            continue
        if not wanted.startswith("*"):
            wanted = values.without_scheme(wanted).partition("/")[0]
        elif wanted.strip("*/"):
            wanted = re.sub(r"/\*?$", "", wanted)
        labels = web.referrer_host.split(".")
        domains = [".".join(labels[start:]) for start in range(len(labels))]
        for domain in domains:
            if values.matches_pattern(wanted, domain):
                return True
            if domain.endswith(".com") and values.matches_pattern(wanted, domain.removesuffix(".com")):
                return True
    return False


def first_rule(
    seeds: Seeds, campaign: str | None, medium: str | None, source: str | None, address: str | None, web: Web | None
) -> dict[str, str] | None:
    """R3.1: the first row of which every filled cell matches."""
    for rule in seeds.channel_rules:
        if (
            cell_matches(rule["Campaign"], campaign)
            and cell_matches(rule["Medium"], medium)
            and cell_matches(rule["Source"], source)
            and page_matches(rule["Landing Page"], address)
            and referrer_matches(rule["Referring Website"], web, seeds)
        ):
            return rule
    return None


def rule_path(rule: dict[str, str] | None) -> str | None:
    if rule is None:
        return None
    channel, subchannel = values.text(rule["Channel"]), values.text(rule["Subchannel"])
    return f"{channel}.{subchannel}" if subchannel else channel


def is_found_as_direct(cell: str | None, seeds: Seeds) -> bool:
    names = {row["condition"].lower() for row in seeds.builtin_conditions if row["is_direct"] == "true"}
    return any(wanted.startswith("[") and wanted.strip("[]").strip().lower() in names for wanted in alternatives(cell))


def session_channel(web: Web, seeds: Seeds) -> tuple[str, bool]:
    """R3.3: channel path of a session, and whether it is the built-in Direct."""
    address = web.landing_page_raw or web.landing_page
    rule = first_rule(seeds, web.utm_campaign, web.utm_medium, web.utm_source, address, web)
    path = rule_path(rule)
    if rule is not None and path is not None:
        return path, web.is_direct and is_found_as_direct(rule["Referring Website"], seeds)
    return ("Direct", True) if web.is_direct else ("Other", False)


def call_channel(task_type: str | None, source: str, seeds: Seeds) -> str:
    """R3.3, R12.9: for separate calls the sheet sees Medium = Task.Type and Source = Salesforce Task (or Event)."""
    return rule_path(first_rule(seeds, None, task_type, source, None, None)) or "Other"


def activity_channel(campaign_name: str | None, kind: str | None, seeds: Seeds) -> str:
    """R12.7: the sheet sees the campaign name, the Type and a source of its own."""
    return rule_path(first_rule(seeds, campaign_name, kind, "CRM Activity", None, None)) or "Other"


def split_path(path: str) -> tuple[str, str | None]:
    """R3.3: the path is `Channel.Subchannel`, or `Channel` alone."""
    channel, _, subchannel = path.partition(".")
    return channel, subchannel or None
