-- Without the CTE, DuckDB 2.0 shows the old name of a column that is renamed only in case.
with named as (
    select
        {{ biz_columns({
            'ID': 'stored.ID',
            'CURRENT_PAGE_KEY': row_key('stored.CURRENT_PAGE'),
        }, stored='stored') }}
    from {{ in_marts(ref('web_form_submits')) }} as stored
)

select * from named
