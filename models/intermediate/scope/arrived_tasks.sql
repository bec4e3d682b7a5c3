-- One row per Task that arrived since the last build and cookie that it has or had.
{{ arrived('stg_salesforce__tasks', 'int_calls__tasks', {'task_id': 'task_id', 'cookie_id': 'bizible_id'}) }}
