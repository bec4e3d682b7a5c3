{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'rpt_missing_rates'}}}) }}

-- R8.5: only a warning, because percentages are not affected; revenue is null until the rate is landed.
select * from {{ ref('rpt_missing_rates') }}
