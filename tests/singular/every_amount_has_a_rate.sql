{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'rpt_missing_rates'}}}) }}

-- R8.5: a warning, because the opportunity keeps its percentages; its revenue is null until the rate is there.
select * from {{ ref('rpt_missing_rates') }}
