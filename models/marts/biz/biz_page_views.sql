-- R19.4: keys are computed when they are read. Hashes do not compress: stored, each would cost 16 bytes per page view.
-- Without the CTE, DuckDB 2.0 shows the old name of a column that is renamed only in case.
with named as (
    select
        {{ biz_columns({
            'ID': 'stored.ID',
            'CURRENT_PAGE_KEY': row_key('stored.CURRENT_PAGE'),
            'REFERRER_PAGE_KEY': row_key('stored.REFERRER_PAGE'),
        }, stored='stored') }}
    from {{ in_marts(ref('web_page_views')) }} as stored
)

select * from named
