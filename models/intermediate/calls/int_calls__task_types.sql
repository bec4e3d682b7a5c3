select
    lower({{ trim_text("task_type") }}) as type_key,
    min({{ trim_text('marketing_touch_type') }}) as marketing_touch_type
from {{ ref('task_type_map') }}
where {{ trim_text('task_type') }} is not null
group by 1
