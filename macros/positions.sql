{# The touch_key of the last touch of its journey before each moment, with the moment's keys; no row without one. `touches` and
   `moments` are relations: touches have `journey_key`, `touchpoint_date` and `touch_key`, moments have the keys,
   `journey_key`, `event_at` and `includes_touches` (whether a touch at that very time counts). One pass over both, because
   a join of an account with 50,000 touches and 1,000 opportunities would have 50 million rows. #}
{% macro last_touches_before(moments, touches, keys) -%}
select
    {{ keys | join(',\n    ') }},
    touch_key
from (
    select
        is_moment,
        {{ keys | join(',\n        ') }},
        max(touch_key) over (
            partition by journey_key order by event_at, event_order
            rows between unbounded preceding and current row
        ) as touch_key
    from (
        select
            journey_key,
            touchpoint_date as event_at,
            1 as event_order,
            touch_key,
            false as is_moment
            {%- for key in keys %},
            null as {{ key }}
            {%- endfor %}
        from {{ touches }}
        where journey_key in (select journey_key from {{ moments }})
        union all
        select
            journey_key,
            event_at,
            case when includes_touches then 2 else 0 end,
            null,
            true,
            {{ keys | join(',\n            ') }}
        from {{ moments }}
    ) as events
) as looked_up
where is_moment
    and touch_key is not null
{%- endmacro %}
