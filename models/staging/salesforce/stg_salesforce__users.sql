select
    _row_key as user_id,
    Name as user_name,
    lower(Email) as email,
    _is_deleted as is_deleted,
    _loaded_at,
    _load_id
from {{ source('salesforce', 'User') }}
