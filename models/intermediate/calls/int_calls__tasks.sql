{%- set time_fields = call_time_fields() %}
{%- set call_times = range(1, [time_fields.Task | length, time_fields.Event | length] | max + 1) %}

with tasks as (
    select * from {{ ref('int_calls__activities') }}
),

timed as (
    select
        *,
        -- R1.3: a field without a time of day is not usable.
        {%- for number in call_times %}
        case when not {{ is_date_only('call_time_text_' ~ number) }}
            then {{ parse_timestamp('call_time_text_' ~ number) }} end as call_time_{{ number }},
        {%- endfor %}
        task_subtype is not null and lower(task_subtype) = 'call'
        or call_type is not null
        or call_object is not null
        or call_duration_text is not null
        or position('call' in lower(coalesce(task_type, ''))) > 0 as has_call_evidence
    from tasks
),

chosen as (
    select
        *,
        case
            {%- for number in call_times %}
            when call_time_{{ number }} is not null then
                {%- if variable('call_time_subtracts_duration') and normalise_name(time_fields.Task[number - 1] | default('')) == 'createddate' %}
                {{ add_call_length('call_time_' ~ number, '-coalesce(call_duration_seconds, 0)') }}
                {%- else %}
                call_time_{{ number }}
                {%- endif %}
            {%- endfor %}
        end as called_at,
        case
            {%- for object, fields in time_fields.items() %}
            {%- for field in fields %}
            when {{ "activity_object = 'Event' and " if object == 'Event' }}call_time_{{ loop.index }} is not null then '{{ field }}'
            {%- endfor %}
            {%- endfor %}
        end as called_at_source,
        {{ effective_task_type(variable('blank_call_type_policy')) }} as resolved_type
    from timed
)

select
    activity_object,
    task_id,
    is_deleted,
    bizible_id as cookie_id,
    coalesce({{ matches_pattern('bizible_id', '^(?:' ~ cookie_pattern() ~ ')$') }}, false) as is_bizible_id_wellformed,
    who_id,
    called_at,
    called_at_source,
    task_type,
    call_type,
    call_duration_seconds,
    call_object,
    has_call_evidence,
    -- R2.1, R2.3: type and medium of the touchpoint that the call makes.
    coalesce(resolved_type, 'Web Visit') as touchpoint_type,
    resolved_type is null as is_type_defaulted,
    resolved_type as touchpoint_medium,
    {{ marketing_touch_type('resolved_type', 'type_map.marketing_touch_type') }} as marketing_touch_type,
    not is_deleted and bizible_id is not null and called_at is not null as is_tracked_call,
    _version_at
from chosen
left join {{ ref('int_calls__task_types') }} as type_map on lower(chosen.resolved_type) = type_map.type_key
