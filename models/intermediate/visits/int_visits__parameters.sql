with name_sets as (
    select parameter_names from {{ ref('int_visits__source_sessions') }} where parameter_names <> ''
    union
    select parameter_names from {{ ref('int_visits__page_views') }} where parameter_names <> ''
),

names as (
    {{ row_per_part('name_sets', 'parameter_names', '&', 'parameter_name') }}
),

ranked as (
    select
        names.parameter_names,
        click_ids.ad_platform,
        click_ids.ad_network,
        click_ids.is_paid,
        row_number() over (
            partition by names.parameter_names
            order by case when click_ids.is_paid then 0 else 1 end, click_ids.priority nulls last, click_ids.parameter
        ) as click_id_rank
    from names
    inner join {{ ref('click_ids') }} as click_ids on names.parameter_name = lower(click_ids.parameter)
),

campaign_parameters as (
    select
        parameter_names,
        max(case when substr(parameter_name, 1, 4) = 'utm_' then 1 else 0 end) = 1 as has_utm
    from names
    group by parameter_names
)

select
    campaign_parameters.parameter_names,
    campaign_parameters.has_utm,
    ranked.ad_platform is not null as has_click_id,
    ranked.ad_platform,
    ranked.ad_network,
    coalesce(ranked.is_paid, false) as is_paid_click
from campaign_parameters
left join ranked on campaign_parameters.parameter_names = ranked.parameter_names and ranked.click_id_rank = 1
