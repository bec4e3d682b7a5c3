{# The number of the last touch of its journey before each moment, with the moment's keys; no row without one. `touches` and
   `moments` are relations: touches have `journey_number`, `touchpoint_date` and `touch_number`, moments have the keys,
   `journey_number`, `event_at` and `includes_touches` (whether a touch at that very time counts). One pass over both, because
   a join of an account with 50,000 touches and 1,000 opportunities would have 50 million rows. #}
{% macro last_touches_before(moments, touches, keys) -%}
select
    {{ keys | join(',\n    ') }},
    touch_number
from (
    select
        is_moment,
        {{ keys | join(',\n        ') }},
        max(touch_number) over (
            partition by journey_number order by event_at, event_order
            rows between unbounded preceding and current row
        ) as touch_number
    from (
        select
            journey_number,
            touchpoint_date as event_at,
            1 as event_order,
            touch_number,
            false as is_moment
            {%- for key in keys %},
            null as {{ key }}
            {%- endfor %}
        from {{ touches }}
        where journey_number in (select journey_number from {{ moments }})
        union all
        select
            journey_number,
            event_at,
            case when includes_touches then 2 else 0 end,
            null,
            true,
            {{ keys | join(',\n            ') }}
        from {{ moments }}
    ) as events
) as looked_up
where is_moment
    and touch_number is not null
{%- endmacro %}
