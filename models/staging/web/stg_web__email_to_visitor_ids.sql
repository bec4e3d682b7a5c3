-- The newest version of every mapping of an address to a visitor.
select
    _row_key as mapping_id,
    lower({{ trim_text('EMAIL') }}) as email,
    {{ normalise_cookie('VISITOR_ID') }} as visitor_id,
    coalesce({{ parse_timestamp('CREATED_DATE') }}, {{ parse_timestamp('_CREATED_DATE') }}) as created_at,
    _is_deleted as is_deleted,
    _loaded_at,
    _batch_id
from {{ source('web', 'email_to_visitor_ids') }}
