-- R19.5: the keys of pages join these rows, so an id is the text that sessions, forms and page views have.
with pages as (
    select
        landing_page as page,
        landing_page_raw as address,
        page_title
    from {{ in_marts(ref('fct_touchpoints')) }}
    union all
    select
        referrer_page,
        referrer_page_raw,
        null
    from {{ in_marts(ref('fct_touchpoints')) }}
    union all
    select
        CURRENT_PAGE,
        CURRENT_PAGE_RAW,
        PAGE_TITLE
    from {{ in_marts(ref('web_page_views')) }}
    union all
    select
        REFERRER_PAGE,
        REFERRER_PAGE_RAW,
        null
    from {{ in_marts(ref('web_page_views')) }}
    union all
    -- The form pages of touches are among them.
    select
        CURRENT_PAGE,
        CURRENT_PAGE_RAW,
        null
    from {{ in_marts(ref('web_form_submits')) }}
),

urls as (
    select
        page,
        max(lower({{ captured('address', '^([A-Za-z][A-Za-z0-9+.-]*)://') }})) as scheme,
        max(page_title) as page_title
    from pages
    where page is not null
    group by page
)

select
    {{ biz_columns({
        'ID': 'page',
        'SCHEME': "nullif(coalesce(nullif(" ~ captured('page', '^([A-Za-z][A-Za-z0-9+.-]*)://') ~ ", ''), scheme), '')",
        'HOST': site_host('page'),
        'PAGE_TITLE': 'page_title',
        'PATH': "nullif(" ~ captured(url_without_scheme('page'), '^[^/?#]*(/[^?#]*)') ~ ", '')",
        'PORT': "nullif(" ~ captured(url_without_scheme('page'), '^[^/?#]*:([0-9]+)(?:[/?#]|$)') ~ ", '')",
    }) }}
from urls
