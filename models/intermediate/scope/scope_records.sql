-- One row per Lead or Contact whose touches are computed again (R6): one of the scope's addresses is its, or the record
-- itself changed.
{% call scope_of(['record_id']) %}
    select record_id
    from {{ ref('int_identity__emails') }}
    where {{ in_scope('emails', 'email') }}
    union all
    select record_id
    from {{ changed_rows('int_identity__emails', 'record_id, email') }} as changed
    union all
    select record_id
    from {{ changed_rows('int_identity__records', 'record_id, lead_id, contact_id, account_id, email, created_at') }} as changed
    union all
    select record_id
    from {{ changed_rows('int_opportunities__lead_stages', 'record_id, position_name, entered_at') }} as changed
{% endcall %}
