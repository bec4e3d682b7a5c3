{{ config(materialized={'spark': 'table', 'duckdb': 'one_statement_view'}.get(target.type, 'view')) }}

-- R12.9: Events are read only if `call_tracking_objects` names them. They have neither call fields nor a subtype.
{%- set time_fields = call_time_fields() %}
{%- set call_times = range(1, [time_fields.Task | length, time_fields.Event | length] | max + 1) %}

with

tasks as (
    select * from {{ ref('stg_salesforce__tasks') }}
),

events as (
    select *
    from {{ ref('stg_salesforce__events') }}
    where {{ 'Event' in variable('call_tracking_objects') }}
)

select
    'Task' as activity_object,
    task_id,
    is_deleted,
    bizible_id,
    who_id,
    owner_id,
    task_type,
    task_subtype,
    call_type,
    call_duration_seconds,
    call_duration_text,
    call_object,
    call_disposition,
    subject,
    description,
    {%- for number in call_times %}
    {{ 'call_time_text_' ~ number if number <= time_fields.Task | length else 'cast(null as string)' }} as call_time_text_{{ number }},
    {%- endfor %}
    created_at,
    _version_at
from tasks
union all
select
    'Event',
    event_id,
    is_deleted,
    bizible_id,
    who_id,
    owner_id,
    event_type,
    cast(null as string),
    cast(null as string),
    cast(null as decimal(38, 12)),
    cast(null as string),
    cast(null as string),
    cast(null as string),
    subject,
    description,
    {%- for number in call_times %}
    {{ 'call_time_text_' ~ number if number <= time_fields.Event | length else 'cast(null as string)' }},
    {%- endfor %}
    created_at,
    _version_at
from events
