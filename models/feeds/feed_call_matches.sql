{{ config(meta={'component_key': {'column': 'task_id', 'kinds': ['Task', 'Event']}}) }}

select
    task_id,
    anchor,
    session_id,
    from_window,
    until_window
from {{ ref('int_journeys__call_matches') }}
